// Mutants of the requests that come in: tokens, signed calls, bodies, keys, versions, page tokens.
// Also of outgoing calls: budgets, addresses.
import type { Mutant } from '../mutant.ts';

const BEARER = 'shared/access/bearer.ts';
const SIGNED = 'shared/alerts/signedCall.ts';
const TOKENS = 'test/shared/access/tokens.test.ts';
const SIGNED_CALL = 'test/shared/alerts/signedCall.test.ts';
const ACCEPT = 'shared/jobs/acceptCommand.ts';
const ACCEPT_ON_VMS = 'shared/jobs/acceptOnVms.ts';
const ACCEPT_ONCE = 'test/shared/jobs/acceptOnce.test.ts';
const LIMITS = 'test/shared/http/limits.test.ts';
const POST = 'test/shared/delivery/postEvent.test.ts';
const ADDRESSES = 'test/shared/core/allowedAddresses.test.ts';

const token = (what: string) => ({ file: TOKENS, name: what });
const KNOWN_KEY = { file: SIGNED_CALL, name: 'Lifeboat accepts a call only with a known' };
const BUSY_BUDGET = {
  file: 'test/shared/scenarios/rules.test.ts',
  name: 'the budget never grants more than it holds',
};
const REFUSED_COMMAND = { file: ACCEPT_ONCE, name: 'a command on a locked VM, with no role or' };

export const tokens: readonly Mutant[] = [
  {
    id: 'the app accepts another algorithm',
    file: BEARER,
    find: "const ALGORITHMS = ['RS256'];",
    replace: "const ALGORITHMS = ['RS256', 'PS256'];",
    reason: 'An attacker could forge tokens with a weaker algorithm of the same key.',
    test: token('with another algorithm of the same key'),
  },
  {
    id: 'the app does not check the issuer',
    file: BEARER,
    find: 'algorithms: ALGORITHMS,',
    replace: 'algorithms: ALGORITHMS, issuer: undefined as never,',
    reason: 'A token from the sign-in service for another authority would open the routes.',
    test: token('of another issuer'),
  },
  {
    id: 'the app does not check the audience',
    file: BEARER,
    find: 'algorithms: ALGORITHMS,',
    replace: 'algorithms: ALGORITHMS, audience: undefined as never,',
    reason: 'A token for any other service would open the routes.',
    test: token('for another audience'),
  },
  {
    id: 'the app accepts an ID token',
    file: BEARER,
    find: 'if (azp === undefined)',
    replace: "if (azp === '')",
    reason: 'A page that signs a person in gets an ID token. It is no permission to call Lifeboat.',
    test: token('that is an ID token'),
  },
  {
    id: 'the app does not check the tenant',
    file: BEARER,
    find: '!claims.success || claims.data.tid !== config().LIFEBOAT_TENANT_ID',
    replace: '!claims.success',
    reason: 'A caller of another tenant would count as one of ours.',
    test: token('of another tenant'),
  },
  {
    id: 'the app accepts an expired token',
    file: BEARER,
    find: 'const CLOCK_TOLERANCE_SECONDS = 60;',
    replace: 'const CLOCK_TOLERANCE_SECONDS = 86_400;',
    reason: 'A lost token would be valid for ever.',
    test: token('that has expired'),
  },
  {
    id: 'a token may never expire',
    file: BEARER,
    find: "requiredClaims: ['exp', 'iat']",
    replace: "requiredClaims: ['iat']",
    reason: 'A token without an end would be valid for ever.',
    test: token('that never expires'),
  },
  {
    id: 'any role opens any route',
    file: BEARER,
    find: '.some((role) => roles.includes(role))',
    replace: '.some(() => roles.length > 0)',
    reason: 'A Reader could fail over.',
    test: token('a role opens its own routes and no other'),
  },
  {
    id: 'an operator may enable replication',
    file: 'shared/access/roles.ts',
    find: 'enableReplication: MANAGER_ROLES,',
    replace: 'enableReplication: OPERATOR_ROLES,',
    reason: 'An operator of the failover could also change which VMs are protected.',
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
    reason: "A Reader's queue could fail over.",
    test: REFUSED_COMMAND,
  },
  {
    id: 'a grant never ends',
    file: 'shared/access/grant.ts',
    find: 'Date.parse(until) <= now.getTime();',
    replace: 'Date.parse(until) < 0 && now.getTime() > 0;',
    reason: "A saved schedule or rule would act in its author's name for ever.",
    test: {
      file: 'test/shared/schedules/onceEach.test.ts',
      name: 'a start after the end of its grant starts',
    },
  },
];

export const nonces: readonly Mutant[] = [
  {
    id: 'a signed call may come again',
    file: SIGNED,
    find: 'await createNonce(nonceIdOf(',
    replace: 'await createNonce(nonceIdOf(String(Math.random()) + ',
    reason: 'Anyone who saw a signed call could send it again and again.',
    test: { file: SIGNED_CALL, name: 'Lifeboat refuses a repeated call by its nonce' },
  },
  {
    id: 'only the first signature uses the nonce',
    file: SIGNED,
    find: 'new Set(keyIds.map(senderOf))',
    replace: 'new Set([keyId].map(senderOf))',
    reason: 'During a key change, a call could come again with only its second signature.',
    test: { file: SIGNED_CALL, name: 'a call with two signatures does not come again' },
  },
  {
    id: 'a signed call is valid at any time',
    file: SIGNED,
    find: '> maxSkewSeconds) throw',
    replace: '> Infinity) throw',
    reason: 'An attacker could repeat an old call after the app forgets its nonce.',
    test: { file: SIGNED_CALL, name: 'Lifeboat refuses a call with an old or a' },
  },
  {
    id: 'the app accepts any digest of a known key',
    file: SIGNED,
    find: 'timingSafeEqual(givenDigest, expectedDigest) ? id',
    replace: 'timingSafeEqual(givenDigest, givenDigest) ? id',
    reason: 'Anyone who knows the name of a key could send alerts.',
    test: KNOWN_KEY,
  },
  {
    id: 'the signature does not cover the body',
    file: SIGNED,
    find: 'Buffer.from(`${timestamp}.${nonce}.`), body]',
    replace: 'Buffer.from(`${timestamp}.${nonce}.`), Buffer.from(\'{"id":"a"}\')]',
    reason: 'An attacker could change the alert of a genuine call in transit.',
    test: KNOWN_KEY,
  },
  {
    id: 'the app uses the nonce before it checks the signature',
    file: SIGNED,
    find: '  const signedBytes = Buffer.concat(',
    replace: "  await createNonce(nonceIdOf('grid', nonce), 60);\n  const signedBytes = Buffer.concat(",
    reason: 'A stranger could use up the nonce of a genuine call.',
    test: { file: SIGNED_CALL, name: 'a refused call does not use its nonce' },
  },
  {
    id: 'the signature does not cover the id of a callback',
    file: 'shared/delivery/signature.ts',
    find: 'update(`${id}.${timestamp}.${body}`)',
    replace: 'update(`${timestamp}.${body}`)',
    reason: 'Anyone who sees a request could repeat it under another id.',
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
    reason: 'The app would report a command as accepted without checking it.',
    test: { file: ACCEPT_ONCE, name: 'a caller cannot reuse a key for another command' },
  },
  {
    id: 'the key is not part of the id',
    file: 'shared/core/ids.ts',
    find: '`job-${deriveId([tenant, caller, key])}`',
    replace: '`job-${deriveId([tenant, caller, key, randomUUID()])}`',
    reason: 'The same command sent twice would become two jobs.',
    test: { file: ACCEPT_ONCE, name: 'the same command with the same key makes' },
  },
  {
    id: 'the keys of all callers share one namespace',
    file: 'shared/core/ids.ts',
    find: '`job-${deriveId([tenant, caller, key])}`',
    replace: '`job-${deriveId([tenant, key])}`',
    reason: 'A caller would find and read jobs of others.',
    test: { file: ACCEPT_ONCE, name: 'a caller cannot reuse a key for another command' },
  },
  {
    id: 'the app does not check for a locked VM',
    file: ACCEPT_ON_VMS,
    find: 'if (locked.length > 0) throw rejected(409',
    replace: 'if (locked.length > 99) throw rejected(409',
    reason: 'A caller would get 202 for a VM that another job works on.',
    test: REFUSED_COMMAND,
  },
  {
    id: 'the app accepts an operation in any state',
    file: ACCEPT_ON_VMS,
    find: 'return allowed.includes(command.operation)',
    replace: 'return allowed.length >= 0',
    reason: 'The app would accept a commit for a VM without a failover.',
    test: REFUSED_COMMAND,
  },
];

export const versions: readonly Mutant[] = [
  {
    id: 'a change needs no If-Match',
    file: 'shared/core/etags.ts',
    find: 'if (ifMatch === null) throw',
    replace: 'if (ifMatch === undefined) throw',
    reason: 'A caller that has read nothing would hear that others changed the document.',
    test: {
      file: 'test/shared/core/etags.test.ts',
      name: 'a change without If-Match, or with an older',
    },
  },
  {
    id: 'a change applies to any version',
    file: 'shared/core/etags.ts',
    find: 'if (ifMatch !== etagOf(before)) throw',
    replace: 'if (ifMatch === undefined) throw',
    reason: 'The app would lose changes of others silently.',
    test: {
      file: 'test/shared/core/etags.test.ts',
      name: 'a change without If-Match, or with an older',
    },
  },
  {
    id: 'a change of a plan applies to any version',
    file: 'shared/plans/savePlan.ts',
    find: 'if (ifMatch !== planEtagOf(before)) throw',
    replace: 'if (ifMatch === undefined) throw',
    reason: 'The app would lose changes of others in a plan silently.',
    test: { file: 'test/shared/plans/savePlan.test.ts', name: 'a change names the read version, and one' },
  },
  {
    id: 'the app writes a plan without its ETag',
    file: 'shared/plans/store.ts',
    find: 'before ? { replace: plan, etag: before._etag } : { create: plan }',
    replace: '{ put: plan }',
    reason: 'The app would lose one of two simultaneous changes silently.',
    test: { file: 'test/shared/plans/savePlan.test.ts', name: 'a change names the read version, and one' },
  },
  {
    id: 'the app saves a plan with errors',
    file: 'shared/plans/savePlan.ts',
    find: 'if (!plan || hasErrors(findings)) throw',
    replace: 'if (!plan) throw',
    reason: 'A plan without an end would show its fault only in the disaster.',
    test: {
      file: 'test/shared/plans/savePlan.test.ts',
      name: 'Lifeboat does not save a plan that cannot run',
    },
  },
  {
    id: 'a page token is valid for any question',
    file: 'shared/store/continuationTokens.ts',
    find: ' || parsedToken.data.question !== fingerprintOfQuestion(question)) throw',
    replace: ') throw',
    reason: "A caller could continue in another caller's list.",
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'the store refuses garbage, a token of another',
    },
  },
  {
    id: 'a page token may have any length',
    file: 'shared/store/continuationTokens.ts',
    find: 'token.length > MAX_TOKEN_LENGTH || ',
    replace: '',
    reason: 'The app would send a token of any length to the store.',
    test: {
      file: 'test/shared/store/store.test.ts',
      name: 'the store refuses garbage, a token of another',
    },
  },
];

export const limits: readonly Mutant[] = [
  {
    id: 'a body may be longer than the limit',
    file: 'shared/http/body.ts',
    find: 'export const MAX_BODY_BYTES = 1_000_000;',
    replace: 'export const MAX_BODY_BYTES = 1_100_000;',
    reason: 'Endless bodies would fill the memory of an instance.',
    test: { file: LIMITS, name: 'a body is text of at most a million bytes' },
  },
  {
    id: 'a body may have a name twice',
    file: 'shared/http/body.ts',
    find: 'if (countNames(value) < names) throw',
    replace: 'if (countNames(value) < 0) throw',
    reason: 'A person reads the first value of a name, and Lifeboat acts on the last.',
    test: { file: LIMITS, name: 'Lifeboat refuses a body that has a name twice' },
  },
  {
    id: 'a body may have any depth',
    file: 'shared/http/body.ts',
    find: 'if (depth > MAX_BODY_DEPTH) throw',
    replace: 'if (depth > Infinity) throw',
    reason: 'The code that reads a body would run out of stack.',
    test: { file: LIMITS, name: 'a body is JSON of limited depth, and an error' },
  },
  {
    id: 'a caller has unlimited calls',
    file: 'shared/http/rateLimit.ts',
    find: 'bucket.tokens -= 1;',
    replace: '',
    reason: 'One caller could use up the calls of all others.',
    test: { file: LIMITS, name: 'each caller has a bucket of their own' },
  },
  {
    id: 'all callers share one bucket',
    file: 'shared/http/rateLimit.ts',
    find: 'this.#buckets.get(caller) ??',
    replace: 'this.#buckets.values().next().value ??',
    reason: 'One fast caller would keep all others out.',
    test: { file: LIMITS, name: 'each caller has a bucket of their own' },
  },
  {
    id: 'the budget grants more writes than it has',
    file: 'shared/core/tokenBucket.ts',
    find: 'Math.min(wanted, Math.floor(available))',
    replace: 'Math.min(wanted, Math.ceil(available) + 1)',
    reason: 'Azure would throttle the whole subscription.',
    test: BUSY_BUDGET,
  },
  {
    id: 'the budget does not subtract granted writes',
    file: 'shared/core/tokenBucket.ts',
    find: '{ tokens: tokens - granted, at:',
    replace: '{ tokens, at:',
    reason: 'Each job would have the whole budget for itself.',
    test: BUSY_BUDGET,
  },
  {
    id: 'the bucket has no upper limit',
    file: 'shared/core/tokenBucket.ts',
    find: 'Math.min(limit.burst, current.tokens + elapsed * limit.perSecond)',
    replace: 'current.tokens + elapsed * limit.perSecond',
    reason: 'After a quiet night thousands of writes would go out at once.',
    test: {
      file: 'test/shared/core/tokenBucket.test.ts',
      name: 'after a quiet day the bucket grants no more',
    },
  },
  {
    id: 'the bucket never fills again',
    file: 'shared/core/tokenBucket.ts',
    find: 'Math.max(0, now - current.at) / 1000',
    replace: '0',
    reason: 'After the first writes the app would never send again.',
    test: BUSY_BUDGET,
  },
  {
    id: 'the budget grants the reserve for urgent writes',
    file: 'shared/core/tokenBucket.ts',
    find: 'Math.max(0, tokens - keptForUrgent)',
    replace: 'Math.max(0, tokens)',
    reason: 'Enabling a thousand VMs would delay a failover.',
    test: {
      file: 'test/shared/scenarios/rules.test.ts',
      name: 'less urgent writes never use the reserve',
    },
  },
];

export const addresses: readonly Mutant[] = [
  {
    id: 'the app calls a private address',
    file: 'shared/delivery/outboundHttp.ts',
    find: 'entry.mayBePrivate ? undefined : addresses.find(isPrivateAddress)',
    replace: 'entry.mayBePrivate ? undefined : addresses.find(() => false)',
    reason: "A callback could reach machines of Lifeboat's own network.",
    test: { file: POST, name: 'the app never connects to an address outside' },
  },
  {
    id: 'the app checks only the first address of a name',
    file: 'shared/delivery/outboundHttp.ts',
    find: ': addresses.find(isPrivateAddress);',
    replace: ': addresses.slice(0, 1).find(isPrivateAddress);',
    reason: 'A private address could stand behind a public one.',
    test: { file: POST, name: 'the app never connects to an address outside' },
  },
  {
    id: 'the app calls any address',
    file: 'shared/delivery/outboundHttp.ts',
    find: 'const entry = findAllowedAddress(url, allowed);\n  if (!entry) throw',
    replace: 'const entry = findAllowedAddress(url, allowed) ?? { mayBePrivate: true };\n  if (!entry) throw',
    reason: 'Events of jobs could go to any receiver.',
    test: { file: POST, name: 'the app never connects to an address outside' },
  },
  {
    id: 'the app resolves the name again for the request',
    file: 'shared/delivery/outboundHttp.ts',
    find: 'agent: false, lookup: pinnedLookup, signal',
    replace: 'agent: false, signal',
    reason: 'A name could lead to another machine than the checked one.',
    test: { file: POST, name: 'the app resolves the name once, and uses' },
  },
  {
    id: "the address of Azure's own services counts as public",
    file: 'shared/core/allowedAddresses.ts',
    find: "['169.254.0.0', 16], ",
    replace: '',
    reason: "A callback could ask for the app's own token.",
    test: { file: ADDRESSES, name: 'no private address passes' },
  },
  {
    id: 'every IPv6 address counts as public',
    file: 'shared/core/allowedAddresses.ts',
    find: "const PUBLIC_IPV6: AddressPrefix = ['2000::', 3];",
    replace: "const PUBLIC_IPV6: AddressPrefix = ['::', 0];",
    reason: 'A callback could reach the machine that runs Lifeboat.',
    test: { file: ADDRESSES, name: 'fec0::1' },
  },
  {
    id: 'a name with the same ending matches the list',
    file: 'shared/core/allowedAddresses.ts',
    find: 'host.endsWith(allowedHost.slice(1)) && host.length > allowedHost.length - 1',
    replace: 'host.endsWith(allowedHost.slice(2))',
    reason: 'The owner of evilexample.com would get the events for example.com.',
    test: { file: ADDRESSES, name: 'https://evilexample.com/' },
  },
  {
    id: 'an address with a password matches the list',
    file: 'shared/core/allowedAddresses.ts',
    find: "if (url.username !== '' || url.password !== '') return undefined;",
    replace: '',
    reason: 'The app would send and log a secret.',
    test: { file: ADDRESSES, name: 'https://user:password@hooks.example.com/' },
  },
];

/** Their tests start the whole app. */
export const app: readonly Mutant[] = [
  {
    id: 'a route requires no role',
    file: 'functions/http/secure.ts',
    find: 'authorize(caller, route, operation);',
    replace: '',
    reason: 'Everybody in the tenant could do everything.',
    test: { file: 'test/scenarios/access.test.ts', name: 'each route admits only its roles' },
  },
  {
    id: 'a route does not limit a caller',
    file: 'functions/http/secure.ts',
    find: 'assertWithinRate(rates(), `',
    replace: 'void ((..._given: unknown[]) => undefined)(rates(), `',
    reason: 'One caller could use up the calls of all others.',
    test: { file: 'test/scenarios/access.test.ts', name: 'one busy caller hears when to return, and' },
  },
];
