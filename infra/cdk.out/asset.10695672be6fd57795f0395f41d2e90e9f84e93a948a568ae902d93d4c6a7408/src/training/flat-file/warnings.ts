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
    | 'few_defaults';
  readonly column: string | null;
  readonly text: string;
};
