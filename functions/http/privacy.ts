// GET /api/privacy, a page, and GET /api/v1/privacy, the same as data: what is sent where and why,
// and what is kept.
import { PAGE_HEADERS } from '../../shared/api/page.ts';
import { privacyPage, privacyView } from '../../shared/api/privacy.ts';
import { json } from '../../shared/http/problem.ts';
import { openDoor } from './door.ts';

openDoor('privacy', 'GET /api/v1/privacy', () => Promise.resolve(json(200, privacyView())));

openDoor('privacyPage', 'GET /api/privacy', () =>
  Promise.resolve({
    status: 200,
    headers: PAGE_HEADERS,
    body: privacyPage(),
  }),
);
