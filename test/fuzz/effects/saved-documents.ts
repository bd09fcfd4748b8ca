// Effects on saved documents: plans, schedules, alert rules, callback addresses. A saved document
// reads back as sent, and a removed one is gone.
import { verifyEvent } from '../../support/receiver.ts';
import { CALLBACK_KEYS } from '../../support/event-environment.ts';
import { objectIdOf } from '../known-state.ts';
import {
  sentBody,
  isStoredAs,
  check,
  checkSame,
  pathParameters,
  readWithStatus,
  type AcceptedCase,
  type Effect,
  type EffectKind,
} from './effect.ts';

interface Kind {
  /** The path of its list, and the name of the items. */
  readonly list: (parts: Readonly<Record<string, string>>) => string;
  readonly name: string;
  /** The sent part of an answer. */
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
  // The query of the address may be a secret, so the app does not show it.
  callback: {
    list: () => '/api/v1/callbacks',
    name: 'callbacks',
    sent: (view) => ({ ...view, caller: view['caller'] ?? undefined }),
  },
} as const satisfies Readonly<Record<string, Kind>>;

type View = Readonly<Record<string, unknown>> & { readonly id: string; readonly version: number };
const nameOf = (accepted: AcceptedCase): string =>
  pathParameters(accepted)['id'] ?? pathParameters(accepted)['planId'] ?? '';
const idsIn = async (accepted: AcceptedCase, { list, name }: Kind): Promise<string[]> =>
  (
    (await readWithStatus<Readonly<Record<string, View[]>>>(accepted, list(pathParameters(accepted))))[
      name
    ] ?? []
  ).map(({ id }) => id);

function withoutUrlSecret(sent: unknown): unknown {
  const { url } = sent as { readonly url?: string };
  if (url === undefined) return sent;
  const address = new URL(url.trim());
  return {
    ...(sent as object),
    url: address.pathname === '/' && address.search === '' ? address.origin : `${address.origin}/...`,
  };
}

const savedEffect =
  (kind: Kind, isAddress = false): Effect =>
  async (accepted) => {
    const { answer, drawnCase } = accepted;
    const [id, view] = [nameOf(accepted), answer.body as View];
    const address = drawnCase.sent.address.split('?')[0] ?? '';
    const shown = await readWithStatus<View>(accepted, address);
    const sent = isAddress ? withoutUrlSecret(sentBody(accepted)) : sentBody(accepted);
    check(
      isStoredAs(sent, kind.sent(shown)),
      `The saved document ${id} differs from the sent one.`,
      sent,
      kind.sent(shown),
    );
    checkSame(
      [answer.headers.get('etag'), answer.headers.get('location'), shown.version, shown.id],
      [`"${shown.version}"`, address, view.version, id],
      'ETag, Location, version and id',
    );
    check((await idsIn(accepted, kind)).includes(id), `The list has no ${id}.`);
    const read1 = Number(/"(\d+)"/.exec(drawnCase.sent.headers['if-match'] ?? '')?.[1] ?? 0);
    // A plan under the id of a removed plan continues its versions.
    check(
      view.version === read1 + 1 ||
        (read1 === 0 && kind === KINDS.plan) ||
        (view.version === read1 && accepted.changed.length === 0),
      'The version is not the next one.',
      read1,
      view.version,
    );
    checkSame(answer.status, read1 === 0 ? 201 : 200, 'The status');
    return view.version === read1 ? 'repeat' : 'change';
  };

const removedEffect =
  (kind: Kind): Effect =>
  async (accepted): Promise<EffectKind> => {
    await readWithStatus(accepted, accepted.drawnCase.sent.address.split('?')[0] ?? '', 404);
    check(!(await idsIn(accepted, kind)).includes(nameOf(accepted)), 'The list has it still.');
    return 'change';
  };

/** The list has the vault no more, and no VM of it. */
const removedVaultEffect: Effect = async (accepted): Promise<EffectKind> => {
  const id = pathParameters(accepted)['vaultId'];
  const { vaults } = await readWithStatus<{ vaults: readonly View[] }>(accepted, '/api/v1/vaults');
  check(!vaults.some((vault) => vault.id === id), 'The list has it still.');
  return 'change';
};

/** The receiver has the signed event, and nothing else has changed. */
const testEventEffect: Effect = ({ environment, answer, changed }) => {
  const result = answer.body as { readonly delivered: boolean };
  const call = environment.receiver.calls.findLast(({ event }) => event.type === 'lifeboat.test');
  check(result.delivered && call !== undefined, 'The address got no event.', result);
  check(
    call !== undefined &&
      verifyEvent(
        call.headers,
        call.body,
        CALLBACK_KEYS.map(({ secret }) => secret),
      ) !== undefined,
    'The event has no valid signature.',
  );
  checkSame(changed, [], 'Other changes');
  return 'change';
};

interface ShownConfirmation {
  readonly id: string;
  readonly check: string;
  readonly by: { readonly id: string };
}
const readConfirmations = async (accepted: AcceptedCase): Promise<readonly ShownConfirmation[]> =>
  (
    await readWithStatus<{ readonly confirmations: readonly ShownConfirmation[] }>(
      accepted,
      '/api/v1/check-confirmations?limit=500',
    )
  ).confirmations;

/** Each confirmation stands in the list with its check and its person. */
const confirmedEffect: Effect = async (accepted): Promise<EffectKind> => {
  const { confirmations } = accepted.answer.body as { readonly confirmations: readonly ShownConfirmation[] };
  const sent = sentBody(accepted) as { readonly check: string; readonly vms?: readonly unknown[] };
  checkSame(confirmations.length, sent.vms?.length ?? 1, 'The number of confirmations');
  const listed = await readConfirmations(accepted);
  for (const { id, check: name, by } of confirmations) {
    checkSame([name, by.id], [sent.check, objectIdOf(accepted.drawnCase.who)], 'Check and person');
    check(
      listed.some((known) => known.id === id && known.check === name),
      'The list has no such confirmation.',
      id,
    );
  }
  return 'change';
};

const withdrawnEffect: Effect = async (accepted): Promise<EffectKind> => {
  const listed = await readConfirmations(accepted);
  check(!listed.some(({ id }) => id === nameOf(accepted)), 'The list has it still.');
  return 'change';
};

export const SAVED_DOCUMENT_EFFECTS: Readonly<Record<string, Effect>> = {
  'PUT /api/v1/plans/{planId}': savedEffect(KINDS.plan),
  'DELETE /api/v1/plans/{planId}': removedEffect(KINDS.plan),
  'DELETE /api/v1/vaults/{vaultId}': removedVaultEffect,
  'PUT /api/v1/plans/{planId}/schedules/{id}': savedEffect(KINDS.schedule),
  'DELETE /api/v1/plans/{planId}/schedules/{id}': removedEffect(KINDS.schedule),
  'PUT /api/v1/alert-rules/{id}': savedEffect(KINDS.rule),
  'DELETE /api/v1/alert-rules/{id}': removedEffect(KINDS.rule),
  'PUT /api/v1/callbacks/{id}': savedEffect(KINDS.callback, true),
  'DELETE /api/v1/callbacks/{id}': removedEffect(KINDS.callback),
  'POST /api/v1/callbacks/{id}/test': testEventEffect,
  'POST /api/v1/check-confirmations': confirmedEffect,
  'DELETE /api/v1/check-confirmations/{id}': withdrawnEffect,
};
