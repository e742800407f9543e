"""What is asked of a server, word for word."""

from __future__ import annotations

from typing import Final

_HEAD: Final = "id version asOf hash versionId configuration committedAt auditRecords"
_VALUE: Final = "name value unit validFrom observedAt source record confidence kind disputed rivals low high fact"
_EDGE: Final = "layer subject relation object validFrom source confidence disputed fact attributes { " + _VALUE + " }"
_ENTITY: Final = (
    f"id type lifecycle records reported {{ {_VALUE} }} desired {{ {_VALUE} }} expected {{ {_VALUE} }}"
    f" relationships {{ {_EDGE} }}"
)
_FACT: Final = "id layer record name object op value unit validFrom observedAt version kind confidence source event run prio segment"
_PLAN: Final = (
    "document status basis configuration risk needsApproval version author createdAt updatedAt run evidence reason"
    " restorePoint"
)
_APPROVAL: Final = "plan principal at document signature"
_RUN: Final = "id workflow status step startedAt endedAt report details"
ENDED: Final = "status run version refusal { code message hint }"

WORLDS: Final = f"{{ worlds {{ {_HEAD} }} }}"
WORLD: Final = f"query ($world: String!) {{ world(id: $world) {{ {_HEAD} }} }}"
VERSIONS: Final = (
    "query ($world: String!, $after: String, $first: Int!) { versions(world: $world, after: $after, first: $first)"
    " { version asOf committedAt hash versionId parentVersionId configuration run facts } }"
)
SNAPSHOT: Final = (
    "query ($world: String!, $asOf: Instant, $version: String) { snapshot(world: $world, asOf: $asOf, version: $version)"
    f" {{ at {{ asOf version }} entities {{ {_ENTITY} }} }} }}"
)
ENTITY: Final = (
    "query ($world: String!, $id: String!, $asOf: Instant, $version: String)"
    " { entity(world: $world, id: $id, asOf: $asOf, version: $version)"
    f" {{ entity {{ {_ENTITY} }} relationshipsIn {{ {_EDGE} }} }} }}"
)
WHY: Final = (
    "query ($world: String!, $entity: String!, $variable: String!, $asOf: Instant, $version: String)"
    " { why(world: $world, entity: $entity, variable: $variable, asOf: $asOf, version: $version)"
    f" {{ claims {{ wins score reason fact {{ {_FACT} }} }} }} }}"
)
HISTORY: Final = (
    "query ($world: String!, $entity: String!, $variable: String!, $layer: Layer, $first: Int!)"
    " { history(world: $world, entity: $entity, variable: $variable, layer: $layer, first: $first)"
    f" {{ {_FACT} }} }}"
)
DIFFERENCE: Final = (
    "before after beforeHash afterHash"
    " entities { entity before { type lifecycle records } after { type lifecycle records } }"
    f" values {{ entity layer name before {{ {_VALUE} }} after {{ {_VALUE} }} }}"
    " relationships { layer subject relation object change } lifecycles { record entity before after }"
    " loose { reason layer subject relation objectRecord fact }"
)
DIFF: Final = (
    "query ($world: String!, $before: String!, $after: String!) { diff(world: $world, before: $before, after: $after)"
    f" {{ {DIFFERENCE} }} }}"
)
EVENTS: Final = (
    "query ($world: String!, $ids: [String!]!) { events(world: $world, ids: $ids)"
    " { id source timestamp eventType anchor record canonical } }"
)
EVIDENCE: Final = (
    "query ($world: String!, $event: String!) { evidence(world: $world, event: $event)"
    " { event source anchor receivedAt base64 } }"
)
PLANS: Final = (
    "query ($world: String!, $statuses: [String!], $first: Int!)"
    f" {{ plans(world: $world, statuses: $statuses, first: $first) {{ {_PLAN} }} }}"
)
PLAN: Final = f"query ($world: String!, $id: String!) {{ plan(world: $world, id: $id) {{ {_PLAN} }} }}"
APPROVALS: Final = (
    f"query ($world: String!, $plan: String!) {{ approvals(world: $world, plan: $plan, first: 500) {{ {_APPROVAL} }} }}"
)
ACTS: Final = (
    "query ($world: String!, $plan: String!) { acts(world: $world, plan: $plan, first: 500)"
    " { id plan run place covers entity action actuator request effects at outcome answeredAt answer } }"
)
FREEZE: Final = "query ($world: String!) { freeze(world: $world) { by at reason } }"
RUNS: Final = f"query ($world: String!, $first: Int!) {{ runs(world: $world, first: $first) {{ {_RUN} }} }}"
RUN: Final = f"query ($world: String!, $id: String!) {{ run(world: $world, id: $id) {{ {_RUN} }} }}"
AUDIT: Final = (
    "query ($world: String!, $after: Int!, $first: Int!, $kinds: [String!], $runs: [String!])"
    " { auditRecords(world: $world, after: $after, first: $first, kinds: $kinds, runs: $runs)"
    " { n at kind run body prev hash } }"
)
QUARANTINE: Final = (
    "query ($world: String!, $source: String, $first: Int!) { quarantine(world: $world, source: $source, first: $first)"
    " { id source place reason hint size sha256 at run text } }"
)
PRINCIPALS: Final = (
    "query ($world: String!) { principals(world: $world, first: 500) { id role publicKey addedAt revokedAt } }"
)

TO_SIGN: Final = (
    "query ($world: String!, $plan: String!, $ceiling: Float)"
    " { approvalToSign(world: $world, plan: $plan, riskCeiling: $ceiling) { principal document } }"
)
APPROVE: Final = (
    "mutation ($world: String!, $plan: String!, $document: JSON!, $signature: String!)"
    " { approve(world: $world, plan: $plan, document: $document, signature: $signature)"
    f" {{ {ENDED} plan {{ {_PLAN} }} approval {{ {_APPROVAL} }} }} }}"
)
REJECT: Final = (
    "mutation ($world: String!, $plan: String!, $reason: String!)"
    f" {{ reject(world: $world, plan: $plan, reason: $reason) {{ {ENDED} plan {{ {_PLAN} }} }} }}"
)
ACT: Final = (
    "mutation ($world: String!, $plan: String!, $key: String!)"
    f" {{ act(world: $world, plan: $plan, key: $key) {{ {ENDED} exitCode report }} }}"
)
SYNC: Final = (
    "mutation ($world: String!, $mode: String, $key: String!)"
    f" {{ sync(world: $world, mode: $mode, key: $key) {{ {ENDED} exitCode report }} }}"
)
DO_FREEZE: Final = (
    "mutation ($world: String!, $reason: String!)"
    f" {{ freeze(world: $world, reason: $reason) {{ {ENDED} freeze {{ by at reason }} }} }}"
)
UNFREEZE: Final = (
    f"mutation ($world: String!, $reason: String!) {{ unfreeze(world: $world, reason: $reason) {{ {ENDED} }} }}"
)
ROLLBACK: Final = (
    "mutation ($world: String!, $to: String!, $seen: String, $reason: String!)"
    " { rollback(world: $world, to: $to, expectedVersion: $seen, reason: $reason)"
    f" {{ {ENDED} before restorePoint cells hashBefore hashAfter differs }} }}"
)
TAKE_BACK: Final = (
    "mutation ($world: String!, $plan: String, $reason: String!)"
    f" {{ takeBack(world: $world, plan: $plan, reason: $reason) {{ {ENDED} plan {{ {_PLAN} }} effects }} }}"
)
CYPHER: Final = (
    "query ($world: String!, $text: String!, $params: JSON, $first: Int!)"
    " { query(world: $world, text: $text, params: $params, first: $first) { columns rows cut } }"
)
