export { buildGrades, type GradeOptions } from './build-grades.ts';
export { DEFAULT_GRADES, gradeOf } from './grades.ts';
export { DEFAULT_SCALE, pdOfScore, pointsPerLogOdds, scoreOf } from './scale.ts';
