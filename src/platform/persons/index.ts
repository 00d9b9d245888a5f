export { ErasedPersons, ErasedRegister, NOBODY_ERASED, openErasedRegister } from './erased-persons.ts';
export { type KeyWrapper, openFileKeyWrapper, sealMasterKey, unlockMasterKey } from './key-wrapper.ts';
export { openPersonVault, type PersonSeal, PersonVault, type PersonVaultOptions } from './person-vault.ts';
export { type MasterRotation, type RotateOptions, rotateMaster } from './rotate-master.ts';
