import type { Random } from './random.ts';
import { clamp, type District, FIRST_APPLICATION_MONTH, firstDayOf, LAST_APPLICATION_MONTH } from './world.ts';

export type EmploymentStatus = 'employed' | 'self_employed' | 'public_service' | 'retired' | 'unemployed' | 'student';
export type Education = 'basic' | 'vocational' | 'secondary' | 'university';
export type Housing = 'owner' | 'mortgage' | 'tenant' | 'with_parents';

/** A borrower as the world made him or her. `thrift`, `stability` and `luck` are latent: in no file. */
export type Person = {
  readonly number: number;
  readonly district: District;
  readonly birthDay: number;
  readonly sex: 'female' | 'male';
  readonly ethnicGroup: 'majority' | 'first_minority' | 'second_minority';
  readonly maritalStatus: 'single' | 'married' | 'divorced' | 'widowed';
  readonly dependents: number;
  readonly education: Education;
  readonly employmentStatus: EmploymentStatus;
  readonly housing: Housing;
  readonly employedSinceDay: number;
  readonly residentSinceDay: number;
  readonly employer: string | null;
  readonly accountOpenedDay: number;
  /** Net income a month at the start of the history, minor units. */
  readonly incomeMinor: number;
  readonly overdraftLimitMinor: number;
  /** Standard normal each: discipline with money, steadiness of work, what nobody can see. */
  readonly thrift: number;
  readonly stability: number;
  readonly luck: number;
  readonly gambles: boolean;
  /** First application, day; the second, if there is one, lies a year or more later. */
  readonly applicationDays: readonly number[];
};

const EDUCATION_INCOME: Readonly<Record<Education, number>> = {
  basic: 0.74,
  vocational: 0.9,
  secondary: 1.02,
  university: 1.38,
};

const STATUS_INCOME: Readonly<Record<EmploymentStatus, number>> = {
  employed: 1,
  self_employed: 1.08,
  public_service: 0.98,
  retired: 0.62,
  unemployed: 0.45,
  student: 0.38,
};

export const EMPLOYERS = 400;
const SECOND_APPLICATION_SHARE = 0.15;

export function createPerson(number: number, districts: readonly District[], random: Random): Person {
  const district = random.pick(districts);
  const ethnicGroup = drawGroup(district, random);
  const ageYears = clamp(random.lognormal(3.62, 0.33), 19, 78);
  const education = drawEducation(random);
  const employmentStatus = drawStatus(ageYears, random);
  const applicationDays = drawApplicationDays(random);
  const start = applicationDays[0]!;
  const stability = random.normal();
  const thrift = 0.25 * stability + 0.97 * random.normal();
  const works =
    employmentStatus === 'employed' || employmentStatus === 'public_service' || employmentStatus === 'self_employed';
  const tenureYears = works
    ? Math.min(ageYears - 17, random.lognormal(1.1 + 0.35 * stability, 0.9))
    : random.between(0.1, 4);
  const incomeMinor = drawIncome(district, education, employmentStatus, ageYears, random);
  const maritalStatus = drawMaritalStatus(ageYears, random);
  return {
    number,
    district,
    birthDay: Math.round(start - ageYears * 365.25),
    sex: random.chance(0.48) ? 'female' : 'male',
    ethnicGroup,
    maritalStatus,
    dependents: Math.min(6, random.poisson(maritalStatus === 'married' ? 1.1 : 0.35)),
    education,
    employmentStatus,
    housing: drawHousing(ageYears, random),
    employedSinceDay: Math.round(start - 60 - tenureYears * 365.25),
    residentSinceDay: Math.round(start - 60 - Math.min(ageYears, random.lognormal(1.3, 1)) * 365.25),
    employer: works ? `Employer ${random.integer(1, EMPLOYERS)}` : null,
    accountOpenedDay: Math.round(start - 75 - Math.min(ageYears - 16, random.lognormal(1, 1.1)) * 365.25),
    incomeMinor,
    overdraftLimitMinor: random.chance(0.7) ? Math.round((incomeMinor * random.between(0.3, 1)) / 10_000) * 10_000 : 0,
    thrift,
    stability,
    luck: random.normal(),
    gambles: random.chance(clamp(0.055 - 0.03 * thrift, 0.005, 0.2)),
    applicationDays,
  };
}

/** The planted proxy: where somebody lives says much about the group he or she belongs to. */
function drawGroup(district: District, random: Random): Person['ethnicGroup'] {
  if (!random.chance(district.minorityShare)) return 'majority';
  return random.chance(0.7) ? 'first_minority' : 'second_minority';
}

const drawEducation = (random: Random): Education =>
  random.weighted([
    ['basic', 0.14],
    ['vocational', 0.34],
    ['secondary', 0.32],
    ['university', 0.2],
  ]);

function drawStatus(ageYears: number, random: Random): EmploymentStatus {
  if (ageYears > 64) return random.chance(0.85) ? 'retired' : 'self_employed';
  return random.weighted([
    ['employed', 0.66],
    ['public_service', 0.16],
    ['self_employed', 0.12],
    ['unemployed', 0.03],
    ['student', ageYears < 26 ? 0.2 : 0],
  ]);
}

function drawMaritalStatus(ageYears: number, random: Random): Person['maritalStatus'] {
  if (ageYears < 27) return random.chance(0.85) ? 'single' : 'married';
  return random.weighted([
    ['single', 0.27],
    ['married', 0.52],
    ['divorced', 0.16],
    ['widowed', ageYears > 60 ? 0.15 : 0.02],
  ]);
}

function drawHousing(ageYears: number, random: Random): Housing {
  return random.weighted([
    ['owner', 0.1 + ageYears / 300],
    ['mortgage', 0.27],
    ['tenant', 0.42],
    ['with_parents', ageYears < 30 ? 0.35 : 0.04],
  ]);
}

function drawIncome(
  district: District,
  education: Education,
  status: EmploymentStatus,
  ageYears: number,
  random: Random,
): number {
  const career = 0.82 + 0.36 * clamp((ageYears - 20) / 25, 0, 1);
  const typical = district.averageSalaryMinor * EDUCATION_INCOME[education] * STATUS_INCOME[status] * career;
  return Math.round(typical * random.lognormal(-0.04, 0.28));
}

function drawApplicationDays(random: Random): number[] {
  const months = LAST_APPLICATION_MONTH - FIRST_APPLICATION_MONTH + 1;
  const month = FIRST_APPLICATION_MONTH + random.integer(0, months - 1);
  const first = firstDayOf(month) + random.integer(0, 27);
  if (!random.chance(SECOND_APPLICATION_SHARE)) return [first];
  const second = first + random.integer(370, 800);
  return second < firstDayOf(LAST_APPLICATION_MONTH + 1) ? [first, second] : [first];
}
