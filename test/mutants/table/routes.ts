// What comes in: tokens, signed calls, bodies, keys, versions, page tokens. And how much may go
// out: budgets, addresses.
import type { Mutant } from '../mutant.ts';

const BEARER = 'shared/access/bearer.ts';
const SIGNED = 'shared/alerts/signedCall.ts';
const TOKENS = 'test/shared/access/tokens.test.ts';
const SIGNED_CALL = 'test/shared/alerts/signedCall.test.ts';
const ACCEPT = 'shared/jobs/acceptCommand.ts';
const ACCEPT_ONCE = 'test/shared/jobs/acceptOnce.test.ts';
const LIMITS = 'test/shared/http/limits.test.ts';
const POST = 'test/shared/delivery/postEvent.test.ts';
const ADDRESSES = 'test/shared/core/allowedAddresses.test.ts';

const token = (what: string) => ({ file: TOKENS, name: what });
const KNOWN_KEY = { file: SIGNED_CALL, name: 'a call is taken from the holder of a known key' };
const BUSY_BUDGET = {
  file: 'test/shared/scenarios/rules.test.ts',
  name: 'the budget never grants more than it holds',
};
const REFUSED_COMMAND = { file: ACCEPT_ONCE, name: 'a command on a held VM, with no role' };

export const tokens: readonly Mutant[] = [
  {
    id: 'another algorithm is taken',
    file: BEARER,
    find: "const ALGORITHMS = ['RS256'];",
    replace: "const ALGORITHMS = ['RS256', 'PS256'];",
    reason: 'A weaker algorithm of the same key could be used to forge tokens.',
    test: token('with another algorithm of the same key'),
  },
  {
    id: 'the issuer is not looked at',
    file: BEARER,
    find: 'algorithms: ALGORITHMS,',
    replace: 'algorithms: ALGORITHMS, issuer: undefined as never,',
    reason: 'A token that the sign-in service made for another authority would open the doors.',
    test: token('of another issuer'),
  },
  {
    id: 'the audience is not looked at',
    file: BEARER,
    find: 'algorithms: ALGORITHMS,',
    replace: 'algorithms: ALGORITHMS, audience: undefined as never,',
    reason: 'A token for any other service would open the doors.',
    test: token('for another audience'),
  },
  {
    id: 'the tenant is not looked at',
    file: BEARER,
    find: '!claims.success || claims.data.tid !== config().LIFEBOAT_TENANT_ID',
    replace: '!claims.success',
    reason: 'A caller of another tenant would be taken for one of ours.',
    test: token('of another tenant'),
  },
  {
    id: 'an expired token is taken',
    file: BEARER,
    find: 'const CLOCK_TOLERANCE_SECONDS = 60;',
    replace: 'const CLOCK_TOLERANCE_SECONDS = 86_400;',
    reason: 'A token that was lost would be good for ever.',
    test: token('that has expired'),
  },
  {
    id: 'a token may never expire',
    file: BEARER,
    find: "requiredClaims: ['exp', 'iat']",
    replace: "requiredClaims: ['iat']",
    reason: 'A token without an end would be good for ever.',
    test: token('that never expires'),
  },
  {
    id: 'any role opens any route',
    file: BEARER,
    find: 'allowed.some((role) => caller.roles.includes(role))',
    replace: 'caller.roles.length > 0',
    reason: 'A Reader could fail over.',
    test: token('a role opens its own routes and no other'),
  },
  {
    id: 'an operator may enable replication',
    file: 'shared/access/roles.ts',
    find: 'enableReplication: MANAGER_ROLES,',
    replace: 'enableReplication: OPERATOR_ROLES,',
    reason: 'Whoever operates on the worst day could also change what is protected.',
    test: {
      file: 'test/shared/access/rolesTable.test.ts',
      name: 'operators change no protection',
    },
  },
  {
    id: 'a command needs no role of its own',
    file: ACCEPT,
    find: 'if (roles.some((role) => caller.roles.includes(role))) return;',
    replace: 'if (roles.length > 0) return;',
    reason: 'A queue of a Reader could fail over.',
    test: REFUSED_COMMAND,
  },
  {
    id: 'a grant never ends',
    file: 'shared/access/grant.ts',
    find: 'Date.parse(until) <= now.getTime();',
    replace: 'Date.parse(until) < 0 && now.getTime() > 0;',
    reason: 'What somebody saved once would act in their name for ever.',
    test: {
      file: 'test/shared/schedules/onceEach.test.ts',
      name: 'a start after the end of its grant begins nothing',
    },
  },
];

export const nonces: readonly Mutant[] = [
  {
    id: 'a signed call may come again',
    file: SIGNED,
    find: 'await createNonce(nonceIdOf(',
    replace: 'await createNonce(nonceIdOf(String(Math.random()) + ',
    reason: 'Whoever has seen a signed call could send it again and again.',
    test: { file: SIGNED_CALL, name: 'a call that was here before is refused by its nonce' },
  },
  {
    id: 'a signed call is good at any time',
    file: SIGNED,
    find: '> maxSkewSeconds) throw',
    replace: '> Infinity) throw',
    reason: 'An old call could be sent again once its nonce is forgotten.',
    test: { file: SIGNED_CALL, name: 'a call signed too long ago' },
  },
  {
    id: 'any digest of a known key is taken',
    file: SIGNED,
    find: 'timingSafeEqual(givenDigest, expectedDigest) ? id',
    replace: 'timingSafeEqual(givenDigest, givenDigest) ? id',
    reason: 'Anybody who knows the name of a key could raise alerts.',
    test: KNOWN_KEY,
  },
  {
    id: 'the body is not signed',
    file: SIGNED,
    find: 'Buffer.from(`${timestamp}.${nonce}.`), body]',
    replace: 'Buffer.from(`${timestamp}.${nonce}.`), Buffer.from(\'{"id":"a"}\')]',
    reason: 'The alert of a genuine call could be changed on its way.',
    test: KNOWN_KEY,
  },
  {
    id: 'the nonce is used up before the signature is checked',
    file: SIGNED,
    find: '  const signedBytes = Buffer.concat(',
    replace: "  await createNonce(nonceIdOf('grid', nonce), 60);\n  const signedBytes = Buffer.concat(",
    reason: 'A stranger could use up the nonce of a genuine call.',
    test: { file: SIGNED_CALL, name: 'a call that is refused uses up no nonce' },
  },
  {
    id: 'the id of a call-back is not signed',
    file: 'shared/delivery/signature.ts',
    find: 'update(`${id}.${timestamp}.${body}`)',
    replace: 'update(`${timestamp}.${body}`)',
    reason: 'Somebody who sees a request could send it again under another id.',
    test: {
      file: 'test/shared/delivery/signature.test.ts',
      name: 'either secret verifies a message that both have signed',
    },
  },
];

export const keys: readonly Mutant[] = [
  {
    id: 'a key may stand for another command',
    file: ACCEPT,
    find: 'if (existingJob.fingerprint === fingerprint) return existingJob;',
    replace: 'if (existingJob.jobId !== fingerprint) return existingJob;',
    reason: 'A caller would be told that a command was accepted which was never looked at.',
    test: { file: ACCEPT_ONCE, name: 'a caller cannot reuse a key for another command' },
  },
  {
    id: 'the key is not part of the id',
    file: 'shared/core/ids.ts',
    find: '`job-${deriveId([tenant, caller, key])}`',
    replace: '`job-${deriveId([tenant, caller, key, randomUUID()])}`',
    reason: 'A command that is sent twice would be two jobs.',
    test: { file: ACCEPT_ONCE, name: 'the same command with the same key is one job' },
  },
  {
    id: 'keys of all callers are one namespace',
    file: 'shared/core/ids.ts',
    find: '`job-${deriveId([tenant, caller, key])}`',
    replace: '`job-${deriveId([tenant, key])}`',
    reason: 'A caller would meet, and be told of, jobs of others.',
    test: { file: ACCEPT_ONCE, name: 'a caller cannot reuse a key for another command' },
  },
  {
    id: 'a held VM is not looked for',
    file: ACCEPT,
    find: 'if (locked.length > 0) throw rejected(409',
    replace: 'if (locked.length > 99) throw rejected(409',
    reason: 'A caller would be told 202 for a VM that another job works on.',
    test: REFUSED_COMMAND,
  },
  {
    id: 'an operation is accepted in any moment',
    file: ACCEPT,
    find: 'allowed.includes(command.operation) ? []',
    replace: 'allowed.length >= 0 ? []',
    reason: 'A commit would be accepted for a VM that was never failed over.',
    test: REFUSED_COMMAND,
  },
];

export const versions: readonly Mutant[] = [
  {
    id: 'a change needs no If-Match',
    file: 'shared/core/etags.ts',
    find: 'if (ifMatch === null) throw',
    replace: 'if (ifMatch === undefined) throw',
    reason: 'Whoever has read nothing would be told that others have changed the thing.',
    test: {
      file: 'test/shared/core/etags.test.ts',
      name: 'a change without If-Match, or with that of an older version',
    },
  },
  {
    id: 'a change is made on any version',
    file: 'shared/core/etags.ts',
    find: 'if (ifMatch !== etagOf(before)) throw',
    replace: 'if (ifMatch === undefined) throw',
    reason: 'Changes of others would be lost unseen.',
    test: {
      file: 'test/shared/core/etags.test.ts',
      name: 'a change without If-Match, or with that of an older version',
    },
  },
  {
    id: 'a plan is changed on any version',
    file: 'shared/plans/savePlan.ts',
    find: 'if (ifMatch !== planEtagOf(before)) throw',
    replace: 'if (ifMatch === undefined) throw',
    reason: 'Changes of others in a plan would be lost unseen.',
    test: { file: 'test/shared/plans/savePlan.test.ts', name: 'a change names the version that was read' },
  },
  {
    id: 'a plan is written without its ETag',
    file: 'shared/plans/store.ts',
    find: 'before ? { replace: plan, etag: before._etag } : { create: plan }',
    replace: '{ put: plan }',
    reason: 'Of two changes at the same time one would be lost unseen.',
    test: { file: 'test/shared/plans/savePlan.test.ts', name: 'a change names the version that was read' },
  },
  {
    id: 'a plan with errors is saved',
    file: 'shared/plans/savePlan.ts',
    find: 'if (!plan || hasErrors(findings)) throw',
    replace: 'if (!plan) throw',
    reason: 'A plan that can never end would be found out on the worst day.',
    test: { file: 'test/shared/plans/savePlan.test.ts', name: 'a plan that cannot be run is not saved' },
  },
  {
    id: 'a page token is good for any question',
    file: 'shared/store/continuationTokens.ts',
    find: ' || parsedToken.data.question !== fingerprintOfQuestion(question)) throw',
    replace: ') throw',
    reason: 'A caller could go on in a list that is not theirs.',
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'garbage, a token of another question, and one that was changed are refused',
    },
  },
  {
    id: 'a page token may be as long as one likes',
    file: 'shared/store/continuationTokens.ts',
    find: 'token.length > MAX_TOKEN_LENGTH || ',
    replace: '',
    reason: 'A token of any length would be sent on to the store.',
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'garbage, a token of another question, and one that was changed are refused',
    },
  },
];

export const limits: readonly Mutant[] = [
  {
    id: 'a body may be longer than the limit',
    file: 'shared/http/body.ts',
    find: 'export const MAX_BODY_BYTES = 1_000_000;',
    replace: 'export const MAX_BODY_BYTES = 1_100_000;',
    reason: 'Bodies without end would fill the memory of an instance.',
    test: { file: LIMITS, name: '[TRG-1] a body is' },
  },
  {
    id: 'a body is nested without end',
    file: 'shared/http/body.ts',
    find: 'if (depthOf(text) > MAX_BODY_DEPTH) throw',
    replace: 'if (depthOf(text) > Infinity) throw',
    reason: 'What walks through a body would run out of stack.',
    test: { file: LIMITS, name: 'and not nested without end' },
  },
  {
    id: 'a caller has calls without end',
    file: 'shared/http/rateLimit.ts',
    find: 'bucket.tokens -= 1;',
    replace: '',
    reason: 'One caller could take what all others need.',
    test: { file: LIMITS, name: 'each caller has a bucket of their own' },
  },
  {
    id: 'all callers share one bucket',
    file: 'shared/http/rateLimit.ts',
    find: 'this.#buckets.get(caller) ??',
    replace: 'this.#buckets.values().next().value ??',
    reason: 'One caller in a hurry would keep all others out.',
    test: { file: LIMITS, name: 'each caller has a bucket of their own' },
  },
  {
    id: 'more writes are granted than there are',
    file: 'shared/core/tokenBucket.ts',
    find: 'Math.min(wanted, Math.floor(available))',
    replace: 'Math.min(wanted, Math.ceil(available) + 1)',
    reason: 'Azure would throttle the whole subscription.',
    test: BUSY_BUDGET,
  },
  {
    id: 'what was granted is not taken away',
    file: 'shared/core/tokenBucket.ts',
    find: '{ tokens: tokens - granted, at:',
    replace: '{ tokens, at:',
    reason: 'Each job would have the whole budget for itself.',
    test: BUSY_BUDGET,
  },
  {
    id: 'the bucket has no brim',
    file: 'shared/core/tokenBucket.ts',
    find: 'Math.min(limit.burst, current.tokens + elapsed * limit.perSecond)',
    replace: 'current.tokens + elapsed * limit.perSecond',
    reason: 'After a quiet night thousands of writes would go out at once.',
    test: {
      file: 'test/shared/core/tokenBucket.test.ts',
      name: 'after a quiet day no more is granted at once',
    },
  },
  {
    id: 'the bucket is never filled again',
    file: 'shared/core/tokenBucket.ts',
    find: 'Math.max(0, now - current.at) / 1000',
    replace: '0',
    reason: 'After the first writes nothing would ever be sent again.',
    test: BUSY_BUDGET,
  },
  {
    id: 'what is kept for the urgent is granted',
    file: 'shared/core/tokenBucket.ts',
    find: 'Math.max(0, tokens - keptForUrgent)',
    replace: 'Math.max(0, tokens)',
    reason: 'Enabling a thousand VMs would hold up a failover.',
    test: {
      file: 'test/shared/scenarios/rules.test.ts',
      name: 'what is less urgent never takes what is kept',
    },
  },
];

export const addresses: readonly Mutant[] = [
  {
    id: 'a private address is called',
    file: 'shared/delivery/outboundHttp.ts',
    find: 'entry.mayBePrivate ? undefined : addresses.find(isPrivateAddress)',
    replace: 'entry.mayBePrivate ? undefined : addresses.find(() => false)',
    reason: 'A call-back could reach machines of the network that Lifeboat runs in.',
    test: { file: POST, name: 'what is not on the list, or private and not said to be' },
  },
  {
    id: 'only the first address of a name is checked',
    file: 'shared/delivery/outboundHttp.ts',
    find: ': addresses.find(isPrivateAddress);',
    replace: ': addresses.slice(0, 1).find(isPrivateAddress);',
    reason: 'A private address could stand behind a public one.',
    test: { file: POST, name: 'what is not on the list, or private and not said to be' },
  },
  {
    id: 'any address is called',
    file: 'shared/delivery/outboundHttp.ts',
    find: 'const entry = findAllowedAddress(url, allowed);\n  if (!entry) throw',
    replace: 'const entry = findAllowedAddress(url, allowed) ?? { mayBePrivate: true };\n  if (!entry) throw',
    reason: 'News of jobs could be sent anywhere.',
    test: { file: POST, name: 'what is not on the list, or private and not said to be' },
  },
  {
    id: 'the name is resolved again for the request',
    file: 'shared/delivery/outboundHttp.ts',
    find: 'agent: false, lookup: pinnedLookup, signal',
    replace: 'agent: false, signal',
    reason: 'A name could lead to another machine than the one that was checked.',
    test: { file: POST, name: 'the request goes to the address that was checked' },
  },
  {
    id: "the address of Azure's own services is public",
    file: 'shared/core/allowedAddresses.ts',
    find: "['169.254.0.0', 16], ",
    replace: '',
    reason: "A call-back could ask for the app's own token.",
    test: { file: ADDRESSES, name: 'nothing in the private ranges passes' },
  },
  {
    id: 'every IPv6 address is public',
    file: 'shared/core/allowedAddresses.ts',
    find: "const PUBLIC_IPV6: AddressRange = ['2000::', 3];",
    replace: "const PUBLIC_IPV6: AddressRange = ['::', 0];",
    reason: 'A call-back could reach the machine that Lifeboat runs on.',
    test: { file: ADDRESSES, name: 'fec0::1' },
  },
  {
    id: 'a name that only ends alike is on the list',
    file: 'shared/core/allowedAddresses.ts',
    find: 'host.endsWith(allowedHost.slice(1)) && host.length > allowedHost.length - 1',
    replace: 'host.endsWith(allowedHost.slice(2))',
    reason: 'Whoever registers evilexample.com would get the news for example.com.',
    test: { file: ADDRESSES, name: 'https://evilexample.com/' },
  },
  {
    id: 'an address with a password is on the list',
    file: 'shared/core/allowedAddresses.ts',
    find: "if (url.username !== '' || url.password !== '') return undefined;",
    replace: '',
    reason: 'A secret of somebody would be sent and logged.',
    test: { file: ADDRESSES, name: 'https://user:password@hooks.example.com/' },
  },
];

/** Their tests start the whole app. */
export const app: readonly Mutant[] = [
  {
    id: 'a door asks for no role',
    file: 'functions/http/secure.ts',
    find: 'authorize(caller, route);',
    replace: '',
    reason: 'Everybody in the tenant could do everything.',
    test: { file: 'test/scenarios/access.test.ts', name: 'each route admits only its roles' },
  },
  {
    id: 'a door lets a caller rush',
    file: 'functions/http/secure.ts',
    find: 'assertWithinRate(rates(), `',
    replace: 'void ((..._given: unknown[]) => undefined)(rates(), `',
    reason: 'One caller could take what all others need.',
    test: { file: 'test/scenarios/access.test.ts', name: 'one busy caller hears when to come again' },
  },
];
