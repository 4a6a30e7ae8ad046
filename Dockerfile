# One image for web, worker, beat, gateway and migrations; docker-compose.yml says which is which.
FROM python:3.13-slim-trixie AS wheels
COPY requirements.lock .
RUN python -m venv /opt/baton/venv \
 && /opt/baton/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements.lock

FROM python:3.13-slim-trixie
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --user-group --home-dir /opt/baton baton \
 && install --directory --owner baton --group baton --mode 0700 /var/lib/baton
COPY --from=wheels /opt/baton/venv /opt/baton/venv
COPY . /opt/baton/app
WORKDIR /opt/baton/app

# The commit this image was built from; it is stamped on every event and print.
ARG BATON_BUILD
ENV BATON_BUILD=${BATON_BUILD} \
    BATON_DATA_DIR=/var/lib/baton \
    BATON_STATIC_DIR=/opt/baton/static \
    PATH=/opt/baton/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN test -n "$BATON_BUILD" \
 && BATON_SECRET_KEY=only-to-collect-the-static-files python manage.py collectstatic --no-input --verbosity 0 \
 && python -m tools.catalogues compile
USER baton
VOLUME /var/lib/baton
EXPOSE 8000
CMD ["gunicorn", "mes.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--threads", "8", "--preload", "--no-control-socket"]
