"""digital-twin-bootstrap: a baseline where there is none, then a sync. Never a sync without a baseline."""

from __future__ import annotations

from dataclasses import replace

from graphtwin.errors import ConfigurationDiffers, GateClosed, HeadMoved
from graphtwin.methods.proposing.completed import retold
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP
from graphtwin.workflows.run import COMPLETED, Context, Run
from graphtwin.workflows.runner import run_workflow
from graphtwin.workflows.world_model_build import WORLD_MODEL_BUILD


async def bootstrap(build: Run, sync: Run, context: Context) -> tuple[Run | None, Run]:
    """(the run that built the baseline, or None; the sync's run). Raises what stopped the baseline.

    Of two that begin a world at once, one builds its baseline and the other stands on it. What inspect completed the
    configuration by is kept with the sync's run.
    """
    head = await context.store.head(sync.world)
    built = None
    if head.seq == 0:
        built = await run_workflow(
            WORLD_MODEL_BUILD, replace(build, workflow=WORLD_MODEL_BUILD.definition.name), context
        )
        if (
            built.stopped
            and isinstance(built.stopped.error, HeadMoved | ConfigurationDiffers)
            and await _begun(sync, context)
        ):
            built = None
        elif built.stopped:
            if built.stopped.error:
                raise built.stopped.error
            raise GateClosed(
                f"The world {sync.world} has no baseline: {built.stopped.reason}",
                hint="mend a source, then sync again; graphtwin source test TWIN.yaml shows what each source says",
            )
        config = retold(context.config, await context.store.configuration(sync.world))
        context = context.under(config)
        sync = replace(sync, outputs={**sync.outputs, COMPLETED: config})
    outputs = {**sync.outputs, "baseline": built} if built else sync.outputs
    sync = replace(sync, workflow=SYNC_LOOP.definition.name, outputs=outputs)
    return built, await run_workflow(SYNC_LOOP, sync, context)


async def _begun(sync: Run, context: Context) -> bool:
    """Whether the world has a baseline by now: another run was faster, and may have completed its configuration."""
    return (await context.store.head(sync.world)).seq > 0
