export type TipRow = { readonly label: string; readonly value: string; readonly color?: string | undefined };

/** A tooltip as an element: text is set as text, so that no data can become markup. */
export function tip(title: string, rows: readonly TipRow[]): HTMLElement {
  const box = document.createElement('div');
  const heading = box.appendChild(document.createElement('div'));
  heading.className = 'tip-title';
  heading.textContent = title;
  for (const row of rows) box.append(tipRow(row));
  return box;
}

function tipRow({ label, value, color }: TipRow): HTMLElement {
  const row = document.createElement('div');
  row.className = 'tip-row';
  const key = row.appendChild(document.createElement('span'));
  if (color !== undefined) {
    const swatch = key.appendChild(document.createElement('i'));
    swatch.style.background = color;
  }
  key.append(label);
  row.appendChild(document.createElement('b')).textContent = value;
  return row;
}

/** Position of the hovered category in what ECharts hands to a formatter. */
export function tipIndex(params: unknown): number {
  const first: unknown = Array.isArray(params) ? params[0] : params;
  return typeof first === 'object' && first !== null && 'dataIndex' in first ? Number(first.dataIndex) : -1;
}
