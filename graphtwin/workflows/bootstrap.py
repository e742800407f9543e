"""digital-twin-bootstrap: a baseline where there is none, then a sync. Never a sync without a baseline."""

from __future__ import annotations

from dataclasses import replace

from graphtwin.errors import GateClosed, HeadMoved
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP
from graphtwin.workflows.run import Context, Run
from graphtwin.workflows.runner import run_workflow
from graphtwin.workflows.world_model_build import WORLD_MODEL_BUILD


async def bootstrap(build: Run, sync: Run, context: Context) -> tuple[Run | None, Run]:
    """(the run that built the baseline, or None; the sync's run). Raises what stopped the baseline.

    Of two that begin a world at once, one builds its baseline and the other stands on it.
    """
    head = await context.store.head(sync.world)
    built = None
    if head.seq == 0:
        built = await run_workflow(
            WORLD_MODEL_BUILD, replace(build, workflow=WORLD_MODEL_BUILD.definition.name), context
        )
        if built.stopped and isinstance(built.stopped.error, HeadMoved):
            built = None
        elif built.stopped:
            if built.stopped.error:
                raise built.stopped.error
            raise GateClosed(
                f"The world {sync.world} has no baseline: {built.stopped.reason}",
                hint="mend a source, then sync again; graphtwin source test TWIN.yaml shows what each source says",
            )
    outputs = {**sync.outputs, "baseline": built} if built else sync.outputs
    sync = replace(sync, workflow=SYNC_LOOP.definition.name, outputs=outputs)
    return built, await run_workflow(SYNC_LOOP, sync, context)
