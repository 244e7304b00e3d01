/** Metrics of one worker. Handles are made once, when a snapshot is compiled; counting is an addition. */
export type MetricKind = 'counter' | 'gauge' | 'histogram';

export class Counter {
  value = 0;

  add(amount: number): void {
    this.value += amount;
  }
}

/** Upper bounds in seconds; LLM answers take from a millisecond (simulated) to minutes. */
export const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
export const OVERHEAD_BUCKETS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25];
/** From the fastest models to those that stall. */
export const GAP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * Sets of labels that one family keeps apart. Those beyond are added up in one, whose labels all say `other`, so that no
 * mistake in a configuration, and no series of reloads, can fill the memory of whoever collects them.
 */
export const MOST_LABEL_SETS = 1000;
const OVERFLOW = 'other';

export class Histogram {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    const { bounds } = this;
    for (let index = 0; index < bounds.length; index += 1) {
      if (value <= (bounds[index] ?? 0)) {
        this.counts[index] = (this.counts[index] ?? 0) + 1;
        return;
      }
    }
  }
}

/** One time series, in a form that can be sent to another thread and added up. */
export interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly samples: readonly Sample[];
}

type Labels = Readonly<Record<string, string>>;

interface Registered {
  readonly kind: MetricKind;
  readonly help: string;
  readonly series: Map<string, Counter | Histogram | (() => number)>;
}

export class Metrics {
  readonly #families = new Map<string, Registered>();

  counter(name: string, help: string, labels: Labels = {}): Counter {
    return this.#series(name, 'counter', help, labels, () => new Counter(), Counter);
  }

  histogram(name: string, help: string, bounds: readonly number[], labels: Labels = {}): Histogram {
    return this.#series(name, 'histogram', help, labels, () => new Histogram(bounds), Histogram);
  }

  /** Read when the metrics are collected. */
  gauge(name: string, help: string, read: () => number, labels: Labels = {}): void {
    this.#family(name, 'gauge', help).series.set(labelText(labels), read);
  }

  /** The same of something that only grows, and is counted elsewhere. */
  counterFrom(name: string, help: string, read: () => number, labels: Labels = {}): void {
    this.#family(name, 'counter', help).series.set(labelText(labels), read);
  }

  collect(): Family[] {
    return [...this.#families].map(([name, { kind, help, series }]) => ({
      name,
      kind,
      help,
      samples: [...series].flatMap(([labels, metric]) => samplesOf(name, labels, metric)),
    }));
  }

  #family(name: string, kind: MetricKind, help: string): Registered {
    const known = this.#families.get(name);
    if (known) return known;
    const family: Registered = { kind, help, series: new Map() };
    this.#families.set(name, family);
    return family;
  }

  #series<T extends Counter | Histogram>(
    name: string,
    kind: MetricKind,
    help: string,
    labels: Labels,
    make: () => T,
    type: abstract new (...parameters: never[]) => T,
  ): T {
    const { series } = this.#family(name, kind, help);
    const own = labelText(labels);
    const text = series.has(own) || series.size < MOST_LABEL_SETS ? own : labelText(overflow(labels));
    const known = series.get(text);
    if (known instanceof type) return known;
    const made = make();
    series.set(text, made);
    return made;
  }
}

function overflow(labels: Labels): Labels {
  return Object.fromEntries(Object.keys(labels).map((name) => [name, OVERFLOW]));
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`)
    .join(',');
}

function samplesOf(name: string, labels: string, metric: Counter | Histogram | (() => number)): Sample[] {
  if (metric instanceof Counter) return [{ name, labels, value: metric.value }];
  if (!(metric instanceof Histogram)) return [{ name, labels, value: metric() }];
  const prefix = labels === '' ? '' : `${labels},`;
  let cumulative = 0;
  const buckets = metric.bounds.map((bound, index) => {
    cumulative += metric.counts[index] ?? 0;
    return { name: `${name}_bucket`, labels: `${prefix}le="${bound}"`, value: cumulative };
  });
  return [
    ...buckets,
    { name: `${name}_bucket`, labels: `${prefix}le="+Inf"`, value: metric.count },
    { name: `${name}_sum`, labels, value: metric.sum },
    { name: `${name}_count`, labels, value: metric.count },
  ];
}
