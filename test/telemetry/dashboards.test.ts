import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readExposition } from '../support/exposition.ts';
import { eventually, type RunningGateway } from '../support/gateway.ts';
import { scrape, startObserved } from '../support/observed-gateway.ts';
import { askedBy } from '../support/promql.ts';
import { promtool } from '../support/promtool.ts';

const DEPLOY = join(import.meta.dir, '..', '..', 'deploy');
const RULES = join(DEPLOY, 'prometheus', 'sluice-alerts.yml');

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly targets?: ReadonlyArray<{ readonly expr: string }>;
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: ReadonlyArray<{ readonly name: string; readonly query: unknown }> };
  readonly annotations: { readonly list: ReadonlyArray<{ readonly expr: string }> };
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const dashboard: Dashboard = await Bun.file(join(DEPLOY, 'grafana', 'sluice.json')).json();
const { groups } = parse(await Bun.file(RULES).text()) as { groups: ReadonlyArray<{ rules: readonly Rule[] }> };
const rules = groups.flatMap((group) => group.rules);

/** The names of the labels of each series that a gateway has. */
const live = new Map<string, Set<string>>();
/** What Prometheus adds to whatever it scrapes. */
const ADDED = ['instance', 'job'];

let gateway: RunningGateway;
let stop: () => Promise<void>;
beforeAll(async () => {
  const observed = await startObserved();
  ({ gateway, stop } = observed);
  await observed.traffic();
  const wanted = ['sluice_cost_usd_total{', 'sluice_unpriced_requests_total{', 'sluice_otlp_exported_spans_total'];
  await eventually('the ledger has caught up', async () => {
    const text = await scrape(gateway);
    return wanted.every((name) => text.includes(name));
  });
  for (const { samples } of readExposition(await scrape(gateway))) {
    for (const { name, labels } of samples) {
      live.set(name, new Set([...(live.get(name) ?? ADDED), ...Object.keys(labels)]));
    }
  }
  live.set('up', new Set(ADDED));
});
afterAll(() => stop());

/** What a query asks for that no gateway has. */
function missing(query: string): string[] {
  return askedBy(query).flatMap(({ metric, labels }) => {
    const known = live.get(metric);
    if (known === undefined) return [metric];
    return labels.filter((label) => !known.has(label)).map((label) => `${metric}{${label}}`);
  });
}

/** As Grafana fills them in. */
function filled(query: string): string {
  return query.replaceAll('$__rate_interval', '1m').replaceAll(/\$(?:instance|endpoint)/g, '.*');
}

describe('the dashboard', () => {
  const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => [title, expr] as const),
  );

  test('has queries', () => {
    expect(queries.length).toBeGreaterThan(30);
  });

  test('asks only for metrics and labels that a gateway has', () => {
    const wrong = queries.flatMap(([title, query]) => missing(filled(query)).map((name) => `${title}: ${name}`));
    expect(wrong).toEqual([]);
  });

  test('has variables and annotations of a gateway’s metrics', () => {
    for (const { expr } of dashboard.annotations.list) expect(missing(filled(expr))).toEqual([]);
    const variables = JSON.stringify(dashboard.templating.list);
    for (const [, metric = '', label = ''] of variables.matchAll(/label_values\((\w+), (\w+)\)/g)) {
      expect([metric, live.get(metric)?.has(label)]).toEqual([metric, true]);
    }
  });

  test('has each panel within the width of the page, and each with what it shows', () => {
    for (const { title, type, gridPos, targets } of dashboard.panels) {
      expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
      expect([title, (targets?.length ?? 0) > 0]).toEqual([title, type !== 'row']);
    }
  });
});

describe('the alert rules', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks only for what a gateway has', (_, rule) => {
    expect(missing(rule.expr)).toEqual([]);
    expect(['critical', 'warning', 'info']).toContain(rule.labels.severity ?? '');
    expect(rule.annotations.summary).toMatch(/\.$/);
  });

  test('are what Prometheus takes, and fire when they should', () => {
    const check = promtool(['check', 'rules', RULES]);
    if (check === null) return;
    expect(check.code).toBe(0);
    expect(promtool(['test', 'rules', RULES.replace('.yml', '.test.yml')])).toMatchObject({ code: 0 });
  }, 60_000);
});
