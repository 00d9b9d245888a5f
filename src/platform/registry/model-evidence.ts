import { AssayError, canonicalJson, type LiftEvidence, sha256Hex } from '../../domain/index.ts';
import { enterAudit } from '../audit/index.ts';
import type { Clock, Database, Signer } from '../contract.ts';

type Row = { body: string; key_id: string; signature: string };

/** Evidence of what versions gain by features of a class, signed, and entered in the audit log. */
export class ModelEvidence {
  readonly #database: Database;
  readonly #signer: Signer;
  readonly #clock: Clock;

  constructor({ database, signer, clock }: { database: Database; signer: Signer; clock: Clock }) {
    this.#database = database;
    this.#signer = signer;
    this.#clock = clock;
  }

  async keep(portfolio: string, evidence: LiftEvidence, actor: string): Promise<void> {
    const body = canonicalJson(evidence);
    const { keyId, signature } = await this.#signer.sign(Buffer.from(body));
    const { modelVersion, dataClass, challenger } = evidence;
    await this.#database.transaction(async (database) => {
      await database.query(
        'INSERT INTO model_evidence (model_version, data_class, body, key_id, signature) VALUES ($1, $2, $3, $4, $5)',
        [modelVersion, dataClass, body, keyId, signature],
      );
      const note = `what ${dataClass} data adds, beside ${challenger}`;
      await enterAudit(database, {
        portfolio,
        kind: 'model_evidence',
        subject: modelVersion,
        actor,
        at: this.#clock.now(),
        data: { note, dataClass, evidenceHash: sha256Hex(body) },
      });
    });
  }

  /**
   * The last of each class.
   * @throws AssayError tampered for a row that was not signed here, or changed since
   */
  async of(modelVersion: string): Promise<LiftEvidence[]> {
    const rows = await this.#database.query<Row>(
      `SELECT DISTINCT ON (data_class) body, key_id, signature FROM model_evidence WHERE model_version = $1
       ORDER BY data_class, evidence_id DESC`,
      [modelVersion],
    );
    return rows.map((row) => this.#opened(modelVersion, row));
  }

  #opened(modelVersion: string, { body, key_id: keyId, signature }: Row): LiftEvidence {
    const isSigned = this.#signer.verify(Buffer.from(body), { keyId, signature });
    // signed here, so of this shape
    const evidence: LiftEvidence | null = isSigned ? JSON.parse(body) : null;
    if (evidence?.modelVersion === modelVersion && evidence.format === 'assay-lift/1') return evidence;
    throw new AssayError('tampered', {
      what: 'the evidence of a model version is not what was measured',
      given: modelVersion,
      fix: 'measure it again: assay models evidence VERSION',
    });
  }
}
