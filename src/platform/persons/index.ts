export { ErasedPersons, ErasedRegister, NOBODY_ERASED, openErasedRegister } from './erased-persons.ts';
export { type KeyWrapper, openFileKeyWrapper } from './key-wrapper.ts';
export { openPersonVault, type PersonSeal, PersonVault, type PersonVaultOptions } from './person-vault.ts';
