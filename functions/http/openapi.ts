// GET /api/openapi.json: what all doors take and answer. It is made when it is first asked for.
import { openDoor } from './door.ts';

let made: Promise<string> | undefined;

openDoor('openApi', 'GET /api/openapi.json', async () => {
  made ??= import('../../shared/api/api/document.ts').then(({ openApiDocument }) =>
    JSON.stringify(openApiDocument()),
  );
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=300' },
    body: await made,
  };
});
