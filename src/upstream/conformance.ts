import { afterEach, describe, expect, test } from 'bun:test';
import { describeCancel } from './conformance/cancel.ts';
import { describeConnections } from './conformance/connections.ts';
import { describeRequests } from './conformance/requests.ts';
import { describeResponses } from './conformance/responses.ts';
import { describeSecure } from './conformance/secure.ts';
import { describeStreaming } from './conformance/streaming.ts';
import type { Suite, TransportOptions } from './conformance/suite.ts';
import { describeTimeouts } from './conformance/timeouts.ts';
import { describeUpgrades } from './conformance/upgrades.ts';
import { describeUploads } from './conformance/uploads.ts';
import type { RelayTransport } from './port.ts';

const FILES = [
  describeRequests,
  describeResponses,
  describeConnections,
  describeStreaming,
  describeTimeouts,
  describeCancel,
  describeSecure,
  describeUploads,
  describeUpgrades,
];

/**
 * The one suite that every transport passes. `skips` names the cases that an implementation cannot pass, each with
 * the reason; a name that is no case fails, so that no skip outlives its case.
 */
export function describeTransport(
  name: string,
  makeTransport: (options: TransportOptions) => RelayTransport,
  skips: Readonly<Record<string, string>> = {},
): void {
  describe(`conformance of ${name}`, () => {
    let transports: RelayTransport[] = [];
    afterEach(() => {
      for (const transport of transports) transport.close();
      transports = [];
    });
    const titles = new Set<string>();
    const suite: Suite = {
      transport: (options = {}) => {
        const transport = makeTransport(options);
        transports.push(transport);
        return transport;
      },
      check: (title, body) => {
        titles.add(title);
        const reason = skips[title];
        if (reason === undefined) test(title, body, 30_000);
        else test.skip(`${title} (skipped: ${reason})`, body);
      },
    };
    for (const describeFile of FILES) describeFile(suite);

    test('every skipped case exists and has a reason', () => {
      for (const [title, reason] of Object.entries(skips)) {
        expect(titles).toContain(title);
        expect(reason).not.toBe('');
      }
    });
  });
}
