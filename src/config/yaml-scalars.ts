/**
 * What a plain scalar means. These are PyYAML's rules, which are neither YAML 1.1's nor 1.2's in every detail: `yes` is
 * true but `y` is text, `010` is 8, `1e3` without a dot is text, and `1:30` is 90. A file must mean the same here.
 * https://github.com/yaml/pyyaml/blob/main/lib/yaml/resolver.py
 */
const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TRUE = /^(?:yes|true|on)$/i;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INTEGER =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const TIMESTAMP =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/;

export type Scalar = string | number | boolean | null | Date;

export function resolvePlainScalar(text: string): Scalar {
  if (NULL.test(text)) return null;
  if (BOOLEAN.test(text)) return TRUE.test(text);
  if (INTEGER.test(text)) return parseInteger(text);
  if (FLOAT.test(text)) return parseFloatingPoint(text);
  if (TIMESTAMP.test(text)) return new Date(text);
  return text;
}

/** A scalar with an explicit tag, or undefined when the tag or its text is not one that PyYAML's safe loader takes. */
export function resolveTaggedScalar(tag: string, text: string): Scalar | undefined {
  switch (tag.replace('tag:yaml.org,2002:', '')) {
    case '!':
    case 'str':
      return text;
    case 'null':
      return null;
    case 'bool':
      return BOOLEAN.test(text) ? TRUE.test(text) : undefined;
    case 'int':
      return INTEGER.test(text) ? parseInteger(text) : undefined;
    case 'float':
      return INTEGER.test(text) || FLOAT.test(text) ? parseFloatingPoint(text) : undefined;
    case 'timestamp':
      return TIMESTAMP.test(text) ? new Date(text) : undefined;
    default:
      return undefined;
  }
}

function parseInteger(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  if (digits.includes(':')) return sign * fromBase60(digits);
  if (digits.startsWith('0b') || digits.startsWith('0x')) return sign * Number(digits);
  if (digits.startsWith('0')) return sign * Number.parseInt(digits, 8);
  return sign * Number(digits);
}

function parseFloatingPoint(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '').toLowerCase();
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === '.nan') return Number.NaN;
  return sign * (digits.includes(':') ? fromBase60(digits) : Number(digits));
}

function fromBase60(digits: string): number {
  return digits.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}
