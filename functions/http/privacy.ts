// GET /api/privacy, a page, and GET /api/v1/privacy, the same as data: what is sent where and why,
// and what is kept.
import { privacyPage, privacyView } from '../../shared/api/privacy.ts';
import { json } from '../../shared/http/problem.ts';
import { openDoor } from './door.ts';

openDoor('privacy', 'GET /api/v1/privacy', () => Promise.resolve(json(200, privacyView())));

openDoor('privacyPage', 'GET /api/privacy', () =>
  Promise.resolve({
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    },
    body: privacyPage(),
  }),
);
