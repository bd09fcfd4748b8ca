// What people keep under a name: plans, schedules, alert rules, call-back addresses. Saved, it is
// read back as it was sent; removed, it is gone.
import { verified } from '../../support/receiver.ts';
import { KEYS } from '../../support/news.ts';
import {
  bodyOf,
  isKept,
  must,
  mustBeSame,
  partsOf,
  read,
  type Accepted,
  type Effect,
  type Seen,
} from './effect.ts';

interface Kind {
  /** Where its list is, and under which name. */
  readonly list: (parts: Readonly<Record<string, string>>) => string;
  readonly name: string;
  /** What of an answer was sent. */
  readonly sent: (view: Readonly<Record<string, unknown>>) => unknown;
}

const KINDS = {
  plan: { list: () => '/api/v1/plans', name: 'plans', sent: ({ plan }) => plan },
  schedule: {
    list: ({ planId = '' }) => `/api/v1/plans/${planId}/schedules`,
    name: 'schedules',
    sent: ({ schedule }) => schedule,
  },
  rule: { list: () => '/api/v1/alert-rules', name: 'rules', sent: ({ rule }) => rule },
  // What stands behind the question mark may be a secret, and is not shown.
  callback: {
    list: () => '/api/v1/callbacks',
    name: 'callbacks',
    sent: (view) => ({ ...view, caller: view['caller'] ?? undefined }),
  },
} as const satisfies Readonly<Record<string, Kind>>;

type View = Readonly<Record<string, unknown>> & { readonly id: string; readonly version: number };
const nameOf = (accepted: Accepted): string => partsOf(accepted)['id'] ?? partsOf(accepted)['planId'] ?? '';
const idsIn = async (accepted: Accepted, { list, name }: Kind): Promise<string[]> =>
  ((await read<Readonly<Record<string, View[]>>>(accepted, list(partsOf(accepted))))[name] ?? []).map(
    ({ id }) => id,
  );

function asShown(sent: unknown): unknown {
  const { url } = sent as { readonly url?: string };
  if (url === undefined) return sent;
  const address = new URL(url.trim());
  return {
    ...(sent as object),
    url: address.search === '' ? url : `${address.origin}${address.pathname}?...`,
  };
}

const saved =
  (kind: Kind, isAddress = false): Effect =>
  async (accepted) => {
    const { answer, drawn } = accepted;
    const [id, view] = [nameOf(accepted), answer.body as View];
    const address = drawn.sent.address.split('?')[0] ?? '';
    const shown = await read<View>(accepted, address);
    const sent = isAddress ? asShown(bodyOf(accepted)) : bodyOf(accepted);
    must(
      isKept(sent, kind.sent(shown)),
      `What was saved as ${id} is not what was sent.`,
      sent,
      kind.sent(shown),
    );
    mustBeSame(
      [answer.headers.get('etag'), answer.headers.get('location'), shown.version, shown.id],
      [`"${shown.version}"`, address, view.version, id],
      'ETag, Location, version and id',
    );
    must((await idsIn(accepted, kind)).includes(id), `The list has no ${id}.`);
    const read1 = Number(/"(\d+)"/.exec(drawn.sent.headers['if-match'] ?? '')?.[1] ?? 0);
    must(
      view.version === read1 + 1 || (view.version === read1 && accepted.changed.length === 0),
      'The version is not the next one.',
      read1,
      view.version,
    );
    mustBeSame(answer.status, read1 === 0 ? 201 : 200, 'The status');
    return view.version === read1 ? 'repeat' : 'change';
  };

const removed =
  (kind: Kind): Effect =>
  async (accepted): Promise<Seen> => {
    await read(accepted, accepted.drawn.sent.address.split('?')[0] ?? '', 404);
    must(!(await idsIn(accepted, kind)).includes(nameOf(accepted)), 'The list has it still.');
    return 'change';
  };

/** The receiver has it, signed, and nothing else has changed. */
const tried: Effect = ({ stage, answer, changed }) => {
  const told = answer.body as { readonly delivered: boolean };
  const call = stage.receiver.calls.findLast(({ event }) => event.type === 'lifeboat.test');
  must(told.delivered && call !== undefined, 'The address was told nothing.', told);
  must(
    call !== undefined &&
      verified(
        call.headers,
        call.body,
        KEYS.map(({ secret }) => secret),
      ) !== undefined,
    'What it was told is not signed.',
  );
  mustBeSame(changed, [], 'What else has changed');
  return 'change';
};

export const KEPT: Readonly<Record<string, Effect>> = {
  'PUT /api/v1/plans/{planId}': saved(KINDS.plan),
  'PUT /api/v1/plans/{planId}/schedules/{id}': saved(KINDS.schedule),
  'DELETE /api/v1/plans/{planId}/schedules/{id}': removed(KINDS.schedule),
  'PUT /api/v1/alert-rules/{id}': saved(KINDS.rule),
  'DELETE /api/v1/alert-rules/{id}': removed(KINDS.rule),
  'PUT /api/v1/callbacks/{id}': saved(KINDS.callback, true),
  'DELETE /api/v1/callbacks/{id}': removed(KINDS.callback),
  'POST /api/v1/callbacks/{id}/test': tried,
};
