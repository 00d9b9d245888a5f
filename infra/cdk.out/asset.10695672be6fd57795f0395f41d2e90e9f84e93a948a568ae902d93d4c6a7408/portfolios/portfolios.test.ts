import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsIn, leversOf, loanApplicationsSchema } from '../src/decisions/index.ts';
import { borrowersTable, reasonDictionaryIssues } from '../src/domain/index.ts';
import { checkCatalog, tablesOf } from '../src/features/index.ts';
import { birthOf, hasHistory, isoDay } from './berka/sources.ts';
import { DEFAULT_PORTFOLIO, loadPortfolio, portfolioNames } from './index.ts';

test('six books, and a name that is none is refused with the names there are', async () => {
  assert.deepEqual(portfolioNames(), [
    'berka',
    'german-credit',
    'give-me-some-credit',
    'lending-club',
    'simulated-bank',
    'taiwan-credit-card',
  ]);
  assert.ok(portfolioNames().includes(DEFAULT_PORTFOLIO));
  await assert.rejects(loadPortfolio('../src'), /no such portfolio.*given: \.\.\/src.*allowed: berka/);
});

for (const name of portfolioNames()) {
  test(`${name}: features, policy, segments and protected attributes fit its tables`, async () => {
    const portfolio = await loadPortfolio(name);
    const { features } = checkCatalog(portfolio.features, tablesOf(portfolio));
    const byName = new Map(features.map((feature) => [feature.definition.name, feature]));
    const columns = loanApplicationsSchema(portfolio).columns;
    for (const feature of features) {
      assert.ok(feature.dataClass !== 'protected' && feature.dataClass !== 'social_network', feature.definition.name);
      const { code, text } = feature.definition.reason;
      assert.ok(/^[A-Z]{2,}\d?$/.test(code) && text.length > 8, `reason of ${feature.definition.name}`);
    }
    const dictionary = Object.fromEntries(features.map(({ definition }) => [definition.name, definition.reason]));
    assert.deepEqual(reasonDictionaryIssues(dictionary), []);
    leversOf(portfolio);
    for (const segment of portfolio.segments) assert.ok(byName.has(segment), `segment ${segment}`);
    for (const { table, column } of portfolio.protectedAttributes) {
      const schema = table === 'borrowers' ? borrowersTable.columns : columns;
      assert.equal(schema.find((candidate) => candidate.name === column)?.dataClass, 'protected', column);
    }
    for (const rule of portfolio.policy.rules) {
      for (const fact of factsIn(rule.when)) {
        const [kind, field] = fact.split('.');
        if (kind === 'feature') assert.ok(byName.has(field!), `${rule.id} looks at ${fact}`);
        if (kind === 'attribute')
          assert.ok(
            columns.some((column) => column.name === field),
            `${rule.id} looks at ${fact}`,
          );
      }
    }
  });
}

test('a reason code has one text in every book', async () => {
  for (const name of portfolioNames()) {
    const texts = new Map<string, string>();
    for (const { reason } of (await loadPortfolio(name)).features.features) {
      assert.equal(texts.get(reason.code) ?? reason.text, reason.text, `${name} ${reason.code}`);
      texts.set(reason.code, reason.text);
    }
  }
});

test('Berka: birth numbers tell sex, dates are of the last century, history is there for the loans of three years', () => {
  assert.deepEqual(birthOf('706213'), { birthDate: '1970-12-13', sex: 'female' });
  assert.deepEqual(birthOf('450204'), { birthDate: '1945-02-04', sex: 'male' });
  assert.equal(isoDay('931107 00:00:00', 'issued'), '1993-11-07');
  assert.deepEqual(['1993-07-05', '1994-03-31', '1994-04-01', '1996-12-31', '1997-01-01'].map(hasHistory), [
    true,
    true,
    false,
    false,
    true,
  ]);
});
