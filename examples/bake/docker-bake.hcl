# docker buildx bake            both images
# docker buildx bake api        one of them
variable "REPOSITORY" {
  default = "example/bake"
}

group "default" {
  targets = ["api", "worker"]
}

target "service" {
  context   = "."
  platforms = ["linux/amd64", "linux/arm64"]
}

target "api" {
  inherits   = ["service"]
  dockerfile = "api.yaml"
  tags       = ["${REPOSITORY}-api:latest"]
}

target "worker" {
  inherits   = ["service"]
  dockerfile = "worker.yaml"
  tags       = ["${REPOSITORY}-worker:latest"]
}
