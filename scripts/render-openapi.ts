// Writes the OpenAPI document to the given file.
import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../shared/api/routes/openApiDocument.ts';

writeFileSync(process.argv[2] ?? 'openapi.json', JSON.stringify(openApiDocument()));
