import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { cellsOf, runCell } from './cell.ts';
import { FAMILIES } from './family.ts';
import { type Laboratory, startLaboratory } from './gateway.ts';
import { NPM_CLIENTS } from './npm/index.ts';
import { keyOf, PAGE, rowOf } from './page.ts';

/** The official clients as published, against a gateway process in front of each kind of upstream. */
let laboratory: Laboratory;
const outcomes = new Map<string, string | null>();

beforeAll(async () => {
  laboratory = await startLaboratory();
});

afterAll(() => laboratory?.stop());

for (const client of NPM_CLIENTS) {
  describe(client.name, () => {
    for (const cell of FAMILIES.flatMap((family) => cellsOf(client, family))) {
      const { family, scenario, impossible } = cell;
      test(`${scenario} onto ${family.title}${impossible ? ' is refused' : ''}`, async () => {
        await runCell(client, cell, laboratory);
        outcomes.set(keyOf(client, family, scenario), null);
      }, 20_000);
    }
  });
}

test('docs/compatibility.md says what came of it', async () => {
  const page = (await Bun.file(PAGE).text()).split('\n');
  for (const client of NPM_CLIENTS) {
    const written = page.filter((line) => line.startsWith(`| ${client.name} |`)).slice(1);
    expect(written).toEqual(FAMILIES.map((family) => rowOf(client, family, outcomes)));
  }
});
