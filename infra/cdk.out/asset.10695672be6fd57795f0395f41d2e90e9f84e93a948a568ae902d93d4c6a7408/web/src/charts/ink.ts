/** What a chart is drawn with: the colours of the current scheme, read from theme.css, and how much room there is. */
export type Ink = {
  readonly text: string;
  readonly muted: string;
  readonly rule: string;
  readonly border: string;
  readonly surface: string;
  readonly series: readonly [string, string, string, string, string, string];
  readonly approved: string;
  readonly counterOffer: string;
  readonly referred: string;
  readonly declined: string;
  readonly good: string;
  readonly bad: string;
  readonly font: string;
  /** Little room: shorter labels. */
  readonly narrow: boolean;
};

export function readInk(narrow: boolean): Ink {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  const series = (index: number) => read(`--as-series-${index}`);
  return {
    narrow,
    text: read('--as-ink'),
    muted: read('--as-muted'),
    rule: read('--as-rule'),
    border: read('--as-border'),
    surface: read('--as-surface'),
    series: [series(1), series(2), series(3), series(4), series(5), series(6)],
    approved: read('--as-approved'),
    counterOffer: read('--as-counter'),
    referred: read('--as-referred'),
    declined: read('--as-declined'),
    good: read('--as-good'),
    bad: read('--as-bad'),
    // Double quotes would end the attribute that ECharts writes the font into, and break the exported picture.
    font: read('--mantine-font-family').replaceAll('"', "'"),
  };
}
