"""What deploy/Dockerfile and docker-compose.yml say, tried without an engine."""
