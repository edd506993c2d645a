import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What a token may be used for; `admin` implies `read`. */
export const scopes = ['ingest', 'read', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Bound as a vehicle, it stands for any vehicle. */
export const anyVehicle = '*';

const idPattern = /^[A-Za-z0-9_-]{1,32}$/;
const hashPattern = /^[0-9a-f]{64}$/;
const timeSchema = z.iso.datetime({ offset: true });

/** A token as it is kept: hashes of its secrets, never a secret. */
export const tokenRecordSchema = z.strictObject({
  id: z.string().regex(idPattern),
  /** SHA-256 of each live secret, hexadecimal: one, and while it is being rotated two, the newer one last. */
  hashes: z.array(z.string().regex(hashPattern)).min(1).max(2),
  scopes: z.array(z.enum(scopes)).min(1),
  /** Vehicle ids, or `*` for any. */
  vehicles: z.array(z.string().regex(/^(\*|[A-Za-z0-9._:-]{1,64})$/)).min(1),
  label: z.string().min(1).max(128).optional(),
  createdAt: timeSchema,
  /** From this instant on the token is refused. */
  expiresAt: timeSchema.optional(),
});
export type TokenRecord = z.infer<typeof tokenRecordSchema>;

export interface NewToken {
  scopes: readonly Scope[];
  vehicles: readonly string[];
  nowMs: number;
  label?: string | undefined;
  expiresMs?: number | undefined;
}

/**
 * A new token `id.secret` (the secret has 256 random bits) and the record to keep of it. Throws a ZodError when scopes,
 * vehicles or label are not valid.
 */
export function createToken(
  wanted: NewToken,
  random: (bytes: number) => Buffer = randomBytes,
): { token: string; record: TokenRecord } {
  const id = random(6).toString('hex');
  const secret = random(32).toString('base64url');
  const record = tokenRecordSchema.parse({
    id,
    hashes: [hashSecret(secret).toString('hex')],
    scopes: [...new Set(wanted.scopes)],
    vehicles: [...new Set(wanted.vehicles)],
    label: wanted.label,
    createdAt: new Date(wanted.nowMs).toISOString(),
    expiresAt: wanted.expiresMs === undefined ? undefined : new Date(wanted.expiresMs).toISOString(),
  });
  return { token: `${id}.${secret}`, record };
}

/** A second secret for a token: both are good until {@link finishRotation}. Throws RangeError when there are two already. */
export function rotateSecret(
  record: TokenRecord,
  random: (bytes: number) => Buffer = randomBytes,
): { token: string; record: TokenRecord } {
  if (record.hashes.length > 1) throw new RangeError('two secrets are live already');
  const secret = random(32).toString('base64url');
  const hashes = [...record.hashes, hashSecret(secret).toString('hex')];
  return { token: `${record.id}.${secret}`, record: { ...record, hashes } };
}

/** The record with its newest secret alone. */
export function finishRotation(record: TokenRecord): TokenRecord {
  return { ...record, hashes: record.hashes.slice(-1) };
}

/** Records prepared for {@link verify}: it costs one SHA-256, one look-up and one comparison, however many there are. */
export type TokenIndex = ReadonlyMap<string, { record: TokenRecord; digests: Buffer[]; expiresMs: number }>;

export function indexTokens(records: readonly TokenRecord[]): TokenIndex {
  return new Map(
    records.map((record) => [
      record.id,
      {
        record,
        digests: record.hashes.map((hex) => Buffer.from(hex, 'hex')),
        expiresMs: record.expiresAt === undefined ? Infinity : Date.parse(record.expiresAt),
      },
    ]),
  );
}

/** The record of a presented token, if its secret is one of the record's live ones and it has not expired. */
export function verify(index: TokenIndex, presented: string, nowMs: number): TokenRecord | undefined {
  const dot = presented.indexOf('.');
  if (dot < 1) return undefined;
  // The same work whether there is such an id or not, and whichever of the secrets it is.
  const digest = hashSecret(presented.slice(dot + 1));
  const entry = index.get(presented.slice(0, dot));
  let isKnown = false;
  for (const known of entry?.digests ?? noDigests) isKnown = timingSafeEqual(known, digest) || isKnown;
  return isKnown && entry && nowMs < entry.expiresMs ? entry.record : undefined;
}

/** Whether a record is still one of these, and has not expired. */
export function isInForce(index: TokenIndex, record: TokenRecord, nowMs: number): boolean {
  const entry = index.get(record.id);
  return entry !== undefined && entry.record === record && nowMs < entry.expiresMs;
}

/** Stands in where an id is unknown; no text is known to hash to it, and nothing would come of it. */
const noDigests = [Buffer.alloc(32)];

/** Whether a token has a scope and, where a vehicle is given, is bound to it. */
export function allows(record: TokenRecord, scope: Scope, vehicle?: string): boolean {
  const scoped = record.scopes.includes(scope) || (scope === 'read' && record.scopes.includes('admin'));
  return scoped && (vehicle === undefined || record.vehicles.includes(vehicle) || record.vehicles.includes(anyVehicle));
}

function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
