export { applyCalibration, sigmoid } from './apply-calibration.ts';
export { type CalibrationChoice, type CalibrationOptions, chooseCalibration } from './choose-calibration.ts';
export { fitIsotonic } from './isotonic.ts';
export { fitPlatt } from './platt.ts';
