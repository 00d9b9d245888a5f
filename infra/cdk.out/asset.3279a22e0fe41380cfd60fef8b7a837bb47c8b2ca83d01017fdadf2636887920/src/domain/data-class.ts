/**
 * What kind of personal data a value is. A derived feature inherits the strictest class of what it is made from;
 * `protected` and `social_network` never reach training or scoring unless a gate says so.
 */
export const DATA_CLASSES = [
  'financial',
  'bureau',
  'demographic',
  'alternative',
  'social_network',
  'protected',
] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** The class a value derived from all of these has: the last of them in the order above. */
export function strictestDataClass(classes: readonly DataClass[]): DataClass {
  let strictest = 0;
  for (const dataClass of classes) strictest = Math.max(strictest, DATA_CLASSES.indexOf(dataClass));
  return DATA_CLASSES[strictest]!;
}
