// Writes the OpenAPI document to the file that is named.
import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../shared/api/routes/openApiDocument.ts';

writeFileSync(process.argv[2] ?? 'openapi.json', JSON.stringify(openApiDocument()));
