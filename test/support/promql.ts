import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A series that a query asks for, with the labels that it looks at. */
export interface AskedSeries {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** What a PromQL query asks for. Throws where Prometheus' own grammar finds a mistake. */
export function askedBy(query: string): AskedSeries[] {
  const series: AskedSeries[] = [];
  parser.parse(query).iterate({
    enter: ({ type, node, from }) => {
      if (type.isError) throw new Error(`no PromQL at character ${from}: ${query}`);
      if (type.name !== 'VectorSelector') return;
      const [name] = node.getChildren('Identifier');
      if (!name) throw new Error(`a selector without a name: ${query}`);
      const labels = new Set(groupingsAround(node).flatMap((grouping) => labelNames(grouping, query)));
      for (const matchers of node.getChildren('LabelMatchers')) {
        for (const label of labelNames(matchers, query)) labels.add(label);
      }
      series.push({ metric: query.slice(name.from, name.to), labels: [...labels] });
    },
  });
  return series;
}

/** The `by (…)` of each aggregation that a selector stands in. */
function groupingsAround(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let outer = node.parent; outer !== null; outer = outer.parent) {
    if (outer.name !== 'AggregateExpr') continue;
    const modifier = outer.getChild('AggregateModifier');
    if (modifier) found.push(modifier);
  }
  return found;
}

function labelNames(node: SyntaxNode, query: string): string[] {
  const names: string[] = [];
  node.cursor().iterate(({ name, from, to }) => {
    if (name === 'LabelName') names.push(query.slice(from, to));
  });
  return names;
}
