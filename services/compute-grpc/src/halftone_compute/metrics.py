"""What the compute server counts and times; `docs/metrics/compute.md` explains each."""

from halftone_servicekit.metrics import counter, gauge, histogram

SLOTS = gauge("compute_slots", "Pictures that can be made at the same time.")
SLOTS_BUSY = gauge("compute_slots_busy", "Pictures being made now.")
SLOT_LOAD = gauge("compute_slot_load", "Pictures being made and waiting, over slots; what the compute tier scales on.")
QUEUE_WAITING = gauge("compute_queue_waiting", "Pictures waiting for a slot.")
QUEUE_SECONDS = histogram("compute_queue_seconds", "Time that a picture waited for its slot.")
STAGE_SECONDS = histogram("compute_stage_seconds", "Time of each stage of a picture.", ["stage"])
ROWS_SCANNED = counter("compute_rows_scanned", "Rows read from storage for pictures and tables.")
TILES_READ = counter("compute_tiles_read", "Stored tiles read for pictures.")
BACKGROUND = counter(
    "compute_background",
    "Tile sets and ordered copies that were begun in the background, by how they ended.",
    ["result"],
)
BACKGROUND_BYTES = gauge("compute_background_bytes", "Bytes of the disk that tile sets and ordered copies take.")
FETCHED_BYTES = counter("compute_fetched_bytes", "Bytes fetched from object storage.")
CACHE_BYTES = gauge("compute_cache_bytes", "Bytes of the disk that copies from object storage take or will take.")
CACHE_EVICTIONS = counter("compute_cache_evictions", "Copies from object storage that were removed to make room.")
PIECES = counter("compute_pieces", "Pieces made.")
PIECES_SHARED = counter("compute_pieces_shared", "Pieces that a fetch took from a scan already under way.")
REQUESTS = counter("compute_requests", "Piece fetches of Render streams; calls of Draw, Rows, Describe.", ["rpc"])
REQUEST_SECONDS = histogram("compute_request_seconds", "Time from a request to its last reply.", ["rpc"])
ERRORS = counter("compute_errors", "Requests that failed, by error code.", ["code"])
STREAMS = gauge("compute_streams", "Open Render streams.")
BACKEND_INFO = gauge(
    "compute_backend_info", "1 for the engine in use, by its name and its device's.", ["backend", "device"]
)
DEGRADED = counter(
    "compute_degraded", "Pictures that a slower engine than the preferred one made, by reason.", ["reason"]
)
GPU_MEM_BYTES = gauge(
    "compute_gpu_mem_bytes", "Bytes of columns in the GPU's memory, and what they may take.", ["kind"]
)
GPU_EVICTIONS = counter("compute_gpu_evictions", "Columns that left the GPU's memory to make room.")
GPU_LAUNCHES = counter("compute_gpu_launches", "Kernels started on the GPU.")
GPU_BATCH_VIEWS = histogram(
    "compute_gpu_batch_views", "Pictures that one launch worked on.", buckets=(1, 2, 4, 8, 16, 32, 64, 128)
)
