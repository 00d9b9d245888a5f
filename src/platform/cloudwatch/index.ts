export { type Figure, type FigureSink, openFigureSink } from './figure-sink.ts';
