import type { Family } from './metrics.ts';

/** Adds up what each worker collected: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function exposition(collections: ReadonlyArray<readonly Family[]>): string {
  const families = new Map<string, { head: string; series: Map<string, number> }>();
  for (const collection of collections) {
    for (const { name, kind, help, samples } of collection) {
      let family = families.get(name);
      if (!family) {
        family = { head: `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`, series: new Map() };
        families.set(name, family);
      }
      for (const sample of samples) {
        const key = sample.labels === '' ? sample.name : `${sample.name}{${sample.labels}}`;
        family.series.set(key, (family.series.get(key) ?? 0) + sample.value);
      }
    }
  }
  let text = '';
  for (const { head, series } of families.values()) {
    text += head;
    for (const [key, value] of series) text += `${key} ${value}\n`;
  }
  return text;
}
