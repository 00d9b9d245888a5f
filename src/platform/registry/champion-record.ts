import { AssayError } from '../../domain/index.ts';

/** Who made the first choice of a new installation; see `ModelRegistry.promoteByPipeline`. */
export const PIPELINE_ACTOR = 'pipeline';

/**
 * What the audit log says of row `v` of the registry. `approved`: by another than who registered it, or by the pipeline on its
 * own (`approve` refuses a maker whatever their name), and rejected by nobody. `promoted`: the book's last promotion is its own.
 */
export const RECORD_COLUMNS = `
  EXISTS (
    SELECT FROM audit_log made JOIN audit_log checked USING (portfolio, subject)
    WHERE made.portfolio = v.portfolio AND made.subject = v.model_version
      AND made.kind = 'model_registered' AND checked.kind = 'model_approved'
      AND (checked.actor <> made.actor OR checked.actor = '${PIPELINE_ACTOR}')
  ) AND NOT EXISTS (
    SELECT FROM audit_log n WHERE n.portfolio = v.portfolio AND n.subject = v.model_version AND n.kind = 'model_rejected'
  ) AS approved,
  v.model_version = (
    SELECT subject FROM audit_log l WHERE l.portfolio = v.portfolio AND l.kind = 'model_promoted'
    ORDER BY sequence DESC LIMIT 1
  ) AS promoted`;

export type OnRecord = {
  readonly model_version: string;
  readonly approved: boolean;
  readonly promoted: boolean | null;
};

/**
 * The registry's status alone makes no champion: anybody who may write the table could.
 * @throws AssayError tampered when the audit log holds no independent approval, or another promotion after its own
 */
export function assertOnRecord(champion: OnRecord): void {
  assertApproved(champion);
  if (champion.promoted) return;
  throw new AssayError('tampered', {
    what: 'the registry names a champion that the audit log did not promote',
    given: champion.model_version,
    fix: 'promote the version that should decide: assay models promote',
  });
}

/** @throws AssayError tampered when the audit log holds no approval by another than who registered it */
export function assertApproved({ model_version, approved }: OnRecord): void {
  if (approved) return;
  throw new AssayError('tampered', {
    what: 'no independent approval of this model version is in the audit log, whatever the registry says',
    given: model_version,
    fix: 'promote a version that was approved (assay models promote), and find out who wrote the table',
  });
}
