/**
 * What a model may be called in a catalog, the exact name first and more general ones after it. Providers add regions,
 * versions, dates and paths to the names on their price pages.
 */
export function modelNames(name: string): readonly string[] {
  const names = new Set<string>([name]);
  const base = withoutPath(name);
  names.add(base);
  names.add(base.toLowerCase());
  // A model that somebody tuned has prices of its own, or none.
  if (base.startsWith('ft:')) {
    const tuned = base.split(':').slice(0, 2).join(':');
    return [...names.add(tuned).add(withoutDate(tuned))];
  }
  const plain = base.toLowerCase();
  for (const region of [plain, withoutRegion(plain)]) {
    names.add(region);
    const unversioned = withoutVersion(region);
    names.add(unversioned);
    const undated = withoutDate(unversioned);
    names.add(undated);
    names.add(undated.replace(/-latest$/, ''));
    names.add(`${undated}-latest`);
  }
  return [...names];
}

/** `publishers/google/models/x`, `models/x`, `projects/…/models/x`, and ARNs of models and profiles: all mean `x`. */
function withoutPath(name: string): string {
  const arn = /^arn:[^/]+:(?:foundation-model|inference-profile)\/(.+)$/.exec(name);
  if (arn?.[1] !== undefined) return arn[1];
  return name.replace(/^(?:.*\/)?models\//, '');
}

/** Of a cloud's profile that spans regions, the model; those have prices of their own where the vendor says so. */
function withoutRegion(name: string): string {
  return name.replace(/^(?:us|eu|apac|au|jp|ca|global|us-gov)\.(?=[a-z0-9]+\.)/, '');
}

/** `-v1:0`, `:0:48k`, `@20250929`, `@default`. */
function withoutVersion(name: string): string {
  return name.replace(/@[\w-]+$/, '').replace(/(?:-v\d+)?:\d+(?::\d+k)?$/, '');
}

/** `-2024-08-06`, `-20250929`, `-0613`, `-001`, `-preview-05-20`, `-exp-0827`. */
function withoutDate(name: string): string {
  return name
    .replace(/-20\d\d-?\d\d-?\d\d(?=$|:)/, '')
    .replace(/-(?:preview|exp)-\d\d-?\d\d$/, '')
    .replace(/-(?:\d{3,4}|\d\d-\d\d)$/, '');
}
