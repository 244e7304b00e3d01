import type { SecretKind } from './kinds.ts';

/** How the keys of one issuer look. */
export interface KeyShape {
  /** What they begin with. */
  readonly prefix: string;
  /** How many characters follow at least. */
  readonly least: number;
  /** What follows: letters, digits, `_` and `-`; the same and `.~+/=`; hexadecimal; capitals and digits. */
  readonly alphabet: 'word' | 'wide' | 'hex' | 'capitals';
  readonly kind: SecretKind;
  /** So telling that it is found in the middle of a word too. Others begin after what is no letter and no digit. */
  readonly isTelling: boolean;
  /** What follows must look random, because words may begin so too. */
  readonly needsRandom: boolean;
}

function shapes(
  prefixes: string,
  least: number,
  { alphabet = 'word', kind = 'api_key' }: Partial<Pick<KeyShape, 'alphabet' | 'kind'>> = {},
): KeyShape[] {
  return prefixes.split(' ').map((prefix) => {
    const isTelling = prefix.length >= 5 && /[-_.]$/.test(prefix);
    const needsRandom = !isTelling && (alphabet === 'word' || alphabet === 'wide');
    return { prefix, least, alphabet, kind, isTelling, needsRandom };
  });
}

/** Longer prefixes come before those that they begin with. */
const KEY_SHAPES: readonly KeyShape[] = [
  ...shapes('sk-ant- sk-proj- sk-svcacct- sk-admin- sk-or- sk-lf- sk-org-', 16),
  ...shapes('sk-', 16),
  ...shapes('sk_live_ sk_test_ rk_live_ rk_test_ whsec_', 16),
  ...shapes('sk_', 32, { alphabet: 'hex' }),
  ...shapes('gsk_ hf_ r8_ fw_ csk- lin_ ls__', 20),
  ...shapes('xai- pplx- nvapi- tgp_v1_ jina_ tvly- pcsk_ lsv2_ api_org_ e2b_ figd_ npm_', 20),
  ...shapes('pa-', 40),
  ...shapes('dapi fc- key-', 32, { alphabet: 'hex' }),
  ...shapes('AIza', 30),
  ...shapes('GOCSPX-', 20),
  ...shapes('AQ. ya29. 1//0', 24, { alphabet: 'wide', kind: 'token' }),
  ...shapes(
    'ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glptt- glcbt- glsoat- gloas- glagent- glimt- dckr_pat_ sntrys_ sntryu_',
    20,
  ),
  ...shapes('xoxe.xoxp- xoxe.xoxb- xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xoxc- xapp-', 16),
  ...shapes('pypi- rubygems_ dop_v1_ shpat_ shpss_ sq0atp- sq0csp- PMAK- ATATT3 AGE-SECRET-KEY-', 20),
  ...shapes('SG. hvs. hvb.', 22, { alphabet: 'wide' }),
  ...shapes('bedrock-api-key- ABSK', 40, { alphabet: 'wide' }),
  ...shapes('AKIA ASIA ABIA ACCA', 16, { alphabet: 'capitals', kind: 'aws_key' }),
];

const BY_BEGINNING: ReadonlyMap<number, readonly KeyShape[]> = Map.groupBy(KEY_SHAPES, ({ prefix }) =>
  beginning(prefix, 0),
);

/** By two characters of ASCII: whether a shape begins with them. Asked of nearly every character of a text. */
const IS_BEGINNING = new Uint8Array(128 * 128);
for (const key of BY_BEGINNING.keys()) IS_BEGINNING[key] = 1;

/** The shapes that begin with the two characters there; undefined for none. */
export function shapesAt(text: string, index: number): readonly KeyShape[] | undefined {
  const key = beginning(text, index);
  return IS_BEGINNING[key] === 1 ? BY_BEGINNING.get(key) : undefined;
}

/** Beyond the table for what is not ASCII. */
function beginning(text: string, index: number): number {
  const first = text.charCodeAt(index);
  const second = text.charCodeAt(index + 1);
  return first < 128 && second < 128 ? first * 128 + second : -1;
}
