export { packTarGz, unpackTarGz } from './tar-gz.ts';
