/** Something about the file that its owner should know; evaluation goes on. */
export type FileWarning = {
  readonly code:
    | 'ragged_rows'
    | 'missing_target'
    | 'several_target_values'
    | 'row_number'
    | 'identifier'
    | 'constant'
    | 'all_missing'
    | 'free_text'
    | 'mixed_types'
    | 'date_feature'
    | 'target_copy'
    | 'target_leak'
    | 'known_afterwards'
    | 'prohibited_basis'
    | 'few_defaults';
  readonly column: string | null;
  readonly text: string;
};

const PROHIBITED =
  /(^|[^a-z])(gender|sex|race|colou?r|ethnic\w*|religi\w*|national(ity|_?origin)|citizen\w*|foreign\w*|marital\w*|age|dob|birth\w*|disab\w*|pregnan\w*)($|[^a-z])/i;

/**
 * A flat file has no data classes: what a column's name says is all there is. Reg B, 12 CFR 1002.2(z) and 1002.6(b); age may be used
 * where it never counts against older applicants, which an evaluation does not see to.
 */
export function prohibitedBasis(name: string): FileWarning[] {
  if (!PROHIBITED.test(name)) return [];
  const text = `column "${name}" sounds like a prohibited basis of credit decisions (or age): --drop it, and look at it with \`assay fairness --trait\``;
  return [{ code: 'prohibited_basis', column: name, text }];
}
