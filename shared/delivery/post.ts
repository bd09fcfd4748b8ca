// News to an address that somebody else chose, by POST: any 2xx means that they arrived.
import { call, type Heard, type OutboundRules } from './outbound.ts';
import type { Delivered } from './receiver.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type PostRules = OutboundRules;

export const post = async (message: Post, rules: PostRules): Promise<Delivered> =>
  judge(await call({ ...message, method: 'POST' }, rules));

function judge(heard: Heard): Delivered {
  if (heard.kind !== 'answer') return { delivered: false, reason: heard.why, retryAfterSeconds: null };
  const { status, retryAfterSeconds } = heard;
  if (status >= 200 && status < 300) return { delivered: true };
  const why =
    status >= 300 && status < 400
      ? `It answered ${status}; a redirect is not followed.`
      : `It answered ${status}.`;
  return { delivered: false, reason: why, retryAfterSeconds };
}
