import parsePrometheus from 'parse-prometheus-text-format';

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly samples: ReadonlyArray<{
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }>;
}

/** Reads what `/metrics` answers with a parser of somebody else's. */
export function readExposition(text: string): MetricFamily[] {
  const types = new Map(parsePrometheus(text).map(({ name, type }) => [name, type]));
  // The parser leaves out parts of a histogram that has labels; without its type each of its series is read as it stands.
  const series = parsePrometheus(text.replaceAll(/^# (?:TYPE|HELP) .*\n/gm, ''));
  return [...types].map(([name, type]) => ({
    name,
    type,
    samples: series
      .filter((one) => one.name === name || (type === 'HISTOGRAM' && isPartOf(name, one.name)))
      .flatMap((one) =>
        one.metrics.map(({ labels = {}, value }) => ({ name: one.name, labels, value: Number(value) })),
      ),
  }));
}

function isPartOf(histogram: string, series: string): boolean {
  return ['_bucket', '_sum', '_count'].some((suffix) => series === histogram + suffix);
}
