import { describe, expect, test } from 'bun:test';
import { ProxyRules, proxyConfigured } from './proxy-rules.ts';

const PROXY = { https_proxy: 'http://proxy:3128' };

describe('proxy variables', () => {
  test('lead https and http through their own proxy, in either case, lower case first', () => {
    const rules = new ProxyRules({
      HTTP_PROXY: 'http://upper:1',
      http_proxy: 'http://lower:1',
      HTTPS_PROXY: 'http://tls:1',
    });
    expect(rules.proxyFor(false, 'a.example', 80)).toBe('http://lower:1');
    expect(rules.proxyFor(true, 'a.example', 443)).toBe('http://tls:1');
  });

  test('all_proxy stands in for the one that is missing or empty', () => {
    const rules = new ProxyRules({ ALL_PROXY: 'http://all:1', https_proxy: '', HTTP_PROXY: 'http://clear:1' });
    expect(rules.proxyFor(true, 'a.example', 443)).toBe('http://all:1');
    expect(rules.proxyFor(false, 'a.example', 80)).toBe('http://clear:1');
  });

  test('without any, the way is direct', () => {
    expect(new ProxyRules({ no_proxy: 'x' }).proxyFor(true, 'a.example', 443)).toBeNull();
    expect(new ProxyRules({ HTTP_PROXY: 'http://p:1' }).proxyFor(true, 'a.example', 443)).toBeNull();
  });

  test('a proxy without a scheme is an http proxy', () => {
    expect(new ProxyRules({ https_proxy: 'user:pass@proxy:3128' }).proxyFor(true, 'a.example', 443)).toBe(
      'http://user:pass@proxy:3128',
    );
  });

  test('a proxy that we cannot use is an error, except where no_proxy spares it, and the error tells no credentials', () => {
    const rules = new ProxyRules({ all_proxy: 'socks5://user:word@proxy:1080', no_proxy: 'spared.example' });
    expect(() => rules.proxyFor(true, 'a.example', 443)).toThrow(/all_proxy.*no_proxy/);
    expect(() => rules.proxyFor(true, 'a.example', 443)).not.toThrow(/word/);
    expect(rules.proxyFor(true, 'spared.example', 443)).toBeNull();
  });
});

describe('no_proxy', () => {
  const cases: ReadonlyArray<[entry: string, direct: string[], proxied: string[]]> = [
    ['*', ['a.example:443', '10.0.0.1:443'], []],
    [
      'a.example',
      ['a.example:443', 'A.EXAMPLE:443', 'b.a.example:8443', 'a.example.:443'],
      ['ba.example:443', 'example:443'],
    ],
    ['.a.example', ['a.example:443', 'b.a.example:443'], ['ba.example:443']],
    ['*.a.example', ['b.a.example:443'], ['ba.example:443']],
    ['a.example:8443', ['a.example:8443', 'b.a.example:8443'], ['a.example:443']],
    ['127.0.0.1', ['127.0.0.1:443'], ['127.0.0.2:443']],
    ['127.0.0.1:8443', ['127.0.0.1:8443'], ['127.0.0.1:443']],
    ['::1', ['[::1]:443'], ['[::2]:443']],
    ['[::1]:8443', ['[::1]:8443'], ['[::1]:443']],
    ['10.0.0.0/8', ['10.1.2.3:443'], ['11.0.0.1:443', '10.example:443']],
    ['fd00::/8', ['[fd12::1]:443'], ['[fe80::1]:443', '10.0.0.1:443']],
    ['10.0.0.0/99', [], ['10.0.0.1:443']],
    ['x, a.example b.example', ['a.example:443', 'b.example:443'], ['c.example:443']],
    [' , ', [], ['a.example:443']],
  ];
  for (const [entry, direct, proxied] of cases) {
    test(`${JSON.stringify(entry)} spares ${direct.join(', ') || 'nothing'}`, () => {
      const rules = new ProxyRules({ ...PROXY, NO_PROXY: entry });
      const proxyFor = (address: string): string | null => {
        const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
        return rules.proxyFor(true, host ?? '', Number(port));
      };
      expect(direct.map(proxyFor)).toEqual(direct.map(() => null));
      expect(proxied.map(proxyFor)).toEqual(proxied.map(() => PROXY.https_proxy));
    });
  }

  test('in lower case wins over upper case', () => {
    const rules = new ProxyRules({ ...PROXY, no_proxy: 'a.example', NO_PROXY: 'b.example' });
    expect(rules.proxyFor(true, 'a.example', 443)).toBeNull();
    expect(rules.proxyFor(true, 'b.example', 443)).toBe(PROXY.https_proxy);
  });
});

test('a process is told to raise the limit of fetch only where a proxy can be used', () => {
  expect(proxyConfigured({})).toBe(false);
  expect(proxyConfigured({ HTTPS_PROXY: '  ' })).toBe(false);
  expect(proxyConfigured({ NO_PROXY: 'a' })).toBe(false);
  for (const name of ['HTTP_PROXY', 'https_proxy', 'ALL_PROXY'])
    expect(proxyConfigured({ [name]: 'http://p:1' })).toBe(true);
  expect(proxyConfigured({ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a,*' })).toBe(false);
});
