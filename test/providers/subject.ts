import { inputSchema, type JsonSchema } from '../../src/config/known-keys.ts';
import type { JsonObject } from '../../src/core/types.ts';
import { isJsonObject } from '../../src/core/types.ts';
import type { Capability } from '../../src/providers/capabilities.ts';
import { providers } from '../../src/providers/index.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { NamedFixture } from './fixture.ts';

/** What the keys are called under which a provider takes another base URL. */
const BASE_KEY = /^(?:.*_)?(?:api_base|base_url|endpoint_url|server_url|host)$/;

/** A provider of the shared suite, with its fixtures. */
export class Subject {
  readonly provider: Provider;
  readonly #own: readonly NamedFixture[];
  readonly #shared: readonly NamedFixture[];

  constructor(provider: Provider, fixtures: readonly NamedFixture[]) {
    this.provider = provider;
    this.#own = fixtures.filter(({ endpoint }) => providers.find(endpoint.model.provider) === provider);
    const folders = new Set(this.#own.map(({ folder }) => folder));
    // Providers of one folder speak one wire format, so they may share what it looks like.
    this.#shared = fixtures.filter(({ folder }) => folders.has(folder));
  }

  has(capability: Capability): boolean {
    return this.provider.capabilities?.[capability] !== undefined;
  }

  get hasFixtures(): boolean {
    return this.#own.length > 0;
  }

  /** Whether it is reached over the network at all. */
  get isRemote(): boolean {
    return this.#own.some(({ upstreamRequest }) => upstreamRequest.length > 0);
  }

  owns(fixture: NamedFixture): boolean {
    return this.#own.includes(fixture);
  }

  /** The `model` of a fixture; where that is another provider's of the folder, of the provider's own first one. */
  model(fixture: NamedFixture): NamedFixture['endpoint']['model'] {
    return (this.owns(fixture) ? fixture : (this.#own[0] ?? fixture)).endpoint.model;
  }

  /** The first fixture of a capability that is a success in one call, the provider's own before those of its folder. */
  example(capability: Capability, suits: (fixture: NamedFixture) => boolean = () => true): NamedFixture | null {
    const answers = (fixture: NamedFixture) => fixture.status === 200 && !fixture.assembled?.error;
    return this.#first((fixture) => fixture.capability === capability && answers(fixture) && suits(fixture));
  }

  /** The first fixture in which the provider answers with an error that the client gets with the same status. */
  error(): NamedFixture | null {
    return this.#first(
      ({ status, upstreamResponse }) =>
        status >= 400 && upstreamResponse.length > 0 && upstreamResponse[0]?.status === status,
    );
  }

  #first(suits: (fixture: NamedFixture) => boolean): NamedFixture | null {
    const inOneCall = (fixture: NamedFixture) => fixture.upstreamRequest.length === 1;
    return [...this.#own, ...this.#shared].find((fixture) => inOneCall(fixture) && suits(fixture)) ?? null;
  }

  /** The endpoint of a fixture, with the provider at another base URL. */
  endpoint(name: string, fixture: NamedFixture, base: string): JsonObject {
    const model = this.model(fixture);
    const config = withBase(model.config, inputSchema(this.provider.schema), base);
    if (!config) throw new Error(`Provider ${this.provider.name} has no key for another base URL (${BASE_KEY.source})`);
    return { ...fixture.endpoint, name, model: { ...model, config } };
  }
}

/** The configuration with its base URL replaced; null where the schema knows no key for one. */
function withBase(config: JsonObject, schema: JsonSchema, base: string): JsonObject | null {
  for (const { properties = {} } of schema.anyOf ?? [schema]) {
    for (const [key, property] of Object.entries(properties)) {
      if (BASE_KEY.test(key)) return { ...config, [key]: base };
      const value = config[key];
      const inner = isJsonObject(value) ? withBase(value, property, base) : null;
      if (inner) return { ...config, [key]: inner };
    }
  }
  return null;
}

/** Every provider that can be called, each once under its own name. */
export function subjects(fixtures: readonly NamedFixture[]): Subject[] {
  const callable = providers.all().filter(({ planned, aliasOf }) => !planned && !aliasOf);
  return callable.map((provider) => new Subject(provider, fixtures));
}
