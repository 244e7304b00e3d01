import { expect, test } from 'bun:test';
import { hostRule } from './host-names.ts';

test('addresses and names that nobody can buy are the gateway’s own', () => {
  const rule = hostRule([]);
  const own = [
    ...['10.0.0.7:5000', '192.0.2.1', '[fd00::1]:5000', '[::1]', 'localhost:5000', 'app.localhost', 'gateway'],
    ...['sluice.models.svc', 'sluice.models.svc.cluster.local:80', 'Box.LAN', 'a.internal.', 'nas.home.arpa'],
  ];
  for (const host of own) expect([host, rule(host)]).toEqual([host, true]);
  const bought = ['evil.example', 'evil.example:5000', 'localhost.evil.example', '10.0.0.7.nip.io', 'notlocal.com'];
  for (const host of bought) expect([host, rule(host)]).toEqual([host, false]);
});

test('names that are allowed count, below a star too', () => {
  const rule = hostRule(['Gateway.example.com', '*.corp.example']);
  for (const host of ['gateway.example.com:5000', 'GATEWAY.example.com.', 'a.corp.example', 'a.b.corp.example'])
    expect([host, rule(host)]).toEqual([host, true]);
  for (const host of ['corp.example', 'evilcorp.example', 'x.gateway.example.com'])
    expect([host, rule(host)]).toEqual([host, false]);
  expect(hostRule(['*'])('evil.example')).toBe(true);
});
