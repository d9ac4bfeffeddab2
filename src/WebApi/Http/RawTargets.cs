using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PayRecharge.WebApi.Http;

/// <summary>Lets clients put bytes over 0x7F into a URL unencoded, which Kestrel alone answers with 400.</summary>
internal static class RawTargets
{
    /// <summary>The longest request target whose raw bytes are encoded.</summary>
    public const int MaxRawTarget = 32 * 1024;

    /// <summary>What Kestrel's MaxRequestLineSize has to be: each raw byte of a full-length line becomes three.</summary>
    public const int MaxRequestLineSize = 3 * MaxRawTarget;

    /// <summary>
    /// Percent-encodes raw bytes in request targets. Belongs into ConfigureEndpointDefaults, and so serves endpoints
    /// from code, from URLs and from configuration, with TLS and without.
    /// </summary>
    public static ListenOptions UseRawTargets(this ListenOptions listen)
    {
        listen.Use(next => connection => next(new FilteredConnection(connection)));
        return listen;
    }

    // Kestrel adds TLS to an https URL after the endpoint defaults, so a middleware from there always stands outside of it.
    // The TLS layer hands on its decrypted pipe by setting Transport: wrapping whatever is set puts the filter inside.
    // The one outside sees a TLS record, which is no request line, and stays out of the way.
    private sealed class FilteredConnection(ConnectionContext connection) : ConnectionContext
    {
        private FilteredPipe _transport = new(connection.Transport);

        public override IDuplexPipe Transport
        {
            get => _transport;
            set => _transport = value as FilteredPipe ?? new FilteredPipe(value);
        }

        public override string ConnectionId { get => connection.ConnectionId; set => connection.ConnectionId = value; }

        public override IFeatureCollection Features => connection.Features;

        public override IDictionary<object, object?> Items { get => connection.Items; set => connection.Items = value; }

        public override CancellationToken ConnectionClosed
        {
            get => connection.ConnectionClosed;
            set => connection.ConnectionClosed = value;
        }

        public override EndPoint? LocalEndPoint { get => connection.LocalEndPoint; set => connection.LocalEndPoint = value; }

        public override EndPoint? RemoteEndPoint { get => connection.RemoteEndPoint; set => connection.RemoteEndPoint = value; }

        public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);

        public override async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    private sealed class FilteredPipe(IDuplexPipe pipe) : IDuplexPipe
    {
        public PipeReader Input { get; } = new RawTargetReader(pipe.Input);

        public PipeWriter Output => pipe.Output;
    }
}
