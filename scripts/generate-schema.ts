import { writeFile } from 'node:fs/promises';
import { buildJsonSchema } from '../src/config/json-schema.ts';
import { providers } from '../src/providers/index.ts';

/** Writes the JSON Schema that editors check configuration files with. Run it after a change of a schema. */
const target = new URL('../schema/config.schema.json', import.meta.url);
await writeFile(target, `${JSON.stringify(buildJsonSchema(providers), null, 2)}\n`);
