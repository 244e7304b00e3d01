import { providers } from '../src/providers/index.ts';
import { readFixtures } from '../test/providers/fixture.ts';
import { providersPage } from './providers-page.ts';

/** Where `npm run providers` writes what docs/providers.md should be. */
export const PROVIDERS_PAGE = new URL('../docs/providers.md', import.meta.url);

/** The examples are the endpoints of the fixtures, which are known to work; chat's come first. */
export async function currentProvidersPage(): Promise<string> {
  const fixtures = await readFixtures();
  const works = fixtures.filter(({ status }) => status === 200);
  const chat = works.filter(({ capability }) => capability === 'chat');
  return providersPage(
    providers.all(),
    [...chat, ...works].map(({ endpoint }) => endpoint.model),
  );
}

if (import.meta.main) await Bun.write(PROVIDERS_PAGE, await currentProvidersPage());
