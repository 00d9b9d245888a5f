import type { FeatureRow, ModelManifest } from '../domain/index.ts';

/** What the decision needs of a scorer; `createScorer` of scoring/ gives it. */
export type DecisionScorer = {
  score(
    row: FeatureRow,
    options?: { readonly reasons?: boolean },
  ): {
    readonly margin: number;
    readonly pd: number;
    readonly score: number;
    readonly grade: string;
    readonly reasons: readonly {
      readonly code: string;
      readonly text: string;
      readonly feature: string;
      readonly points: number;
    }[];
  };
  /** Exact attributions by input, in log-odds before calibration; `reference` and their sum make the margin. */
  attributions(row: FeatureRow): { readonly reference: number; readonly byFeature: Readonly<Record<string, number>> };
};

/** A model version, opened and checked: its signature and every hash hold. */
export type OpenModel = { readonly manifest: ModelManifest; readonly scorer: DecisionScorer };

/** Where decisions get model versions from. */
export type ModelSource = {
  /** @throws AssayError unavailable when no version is the champion yet */
  champion(): Promise<OpenModel>;
  /** @throws AssayError not_found, tampered */
  version(modelVersion: string): Promise<OpenModel>;
};
