import { describe, expect, test } from 'bun:test';
import { type NamedFixture, readFixtures } from './fixture.ts';
import { FixtureGateway } from './fixture-gateway.ts';

const INSIDE = ['https://169.254.169.254/latest/meta-data/', 'https://localhost/a.png', 'https://[::1]:8443/a.png'];

function withImage(fixture: NamedFixture, url: string): NamedFixture {
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url } },
  ];
  return { ...fixture, surface: 'openai', request: { messages: [{ role: 'user', content }] } };
}

const images = (await readFixtures()).filter(({ capability, status }) => capability === 'images' && status === 200);
const fetching = images.filter((fixture) => new FixtureGateway(withImage(fixture, '')).fetchesMedia);
const byProvider = new Map(fetching.map((fixture) => [fixture.endpoint.model.provider, fixture]));

test('there are providers for which the gateway fetches media', () => {
  expect(byProvider.size).toBeGreaterThan(0);
});

describe.each([...byProvider])('%s', (_, fixture) => {
  test.each(INSIDE)('an image at %s is refused, and nothing is sent', async (url) => {
    const { status, body, sent } = await new FixtureGateway(withImage(fixture, url)).ask([]);
    expect([status, sent.length]).toEqual([400, 0]);
    expect(body).toContain("in 'messages.0' cannot be fetched: its");
    expect(body).toContain('is not public');
  });
});
