import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { MARTS } from './build-marts.ts';
import { CHART_IDS, CHARTS, DATASETS, datasetSql, FIGURES, figureColumn, figuresSql } from './overview-spec.ts';

const columnsOf = new Map(DATASETS.map(({ mart, columns }) => [mart, columns.map(({ name }) => name)]));

test('every chart reads declared columns of a mart there is, and something is drawn', () => {
  for (const id of CHART_IDS) {
    const { mart, category, series, bars, lines } = CHARTS[id];
    assert.ok((MARTS as readonly string[]).includes(mart), mart);
    assert.ok(bars.length + lines.length > 0, id);
    const read = [
      category,
      ...(series === undefined ? [] : [series]),
      ...[...bars, ...lines].map(({ column }) => column),
    ];
    for (const column of read) assert.ok(columnsOf.get(mart)?.includes(column), `${id}: ${column}`);
  }
});

test('the columns that a dataset takes from its mart are written by its SQL', async () => {
  for (const { mart, columns } of DATASETS) {
    const sql = await readFile(new URL(`../../sql/marts/${mart}.sql`, import.meta.url), 'utf8');
    for (const { name, sql: computed } of columns)
      if (computed === undefined) assert.match(sql, new RegExp(`\\b${name}\\b`), `${mart}.${name}`);
  }
});

test('the SQL names each figure once, and every mart as it is called there', () => {
  assert.equal(new Set(FIGURES.map(({ key }) => figureColumn(key))).size, FIGURES.length);
  const sql = figuresSql((mart) => `marts.${mart}`);
  assert.match(sql, /AS mean_pd_labelled, .*FROM marts\.outcomes o .*FROM marts\.totals AS totals$/);
  assert.doesNotMatch(sql, /[{}]/);
  assert.match(
    datasetSql(DATASETS[1]!, (mart) => `marts.${mart}`),
    /SUM\(applications\) OVER \(\).* AS share.*FROM marts\.grades$/,
  );
});
