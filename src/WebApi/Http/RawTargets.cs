using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PayRecharge.WebApi.Http;

/// <summary>
/// Serves request lines that Apache serves and Kestrel alone answers with 400: with bytes over 0x7F in the URL, and a POST of HTTP/1.0
/// without a length. A line with a <c>#</c> is answered with 400. It takes both: <see cref="UseRawTargets"/> for the endpoints and
/// <see cref="AddRawTargets"/>.
/// </summary>
internal static class RawTargets
{
    /// <summary>The longest request target that is served even if all of its bytes are over 0x7F, in bytes.</summary>
    public const int MaxRawTarget = 32 * 1024;

    /// <summary>What Kestrel's MaxRequestLineSize has to be: each raw byte of a full-length line becomes three.</summary>
    public const int MaxRequestLineSize = 3 * MaxRawTarget;

    private static readonly TimeSpan PatienceForBodies = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Edits request lines. Belongs into ConfigureEndpointDefaults, and so serves endpoints from code, from URLs and from configuration,
    /// with TLS and without.
    /// </summary>
    public static ListenOptions UseRawTargets(this ListenOptions listen)
    {
        listen.Use(next => connection => next(new FilteredConnection(connection)));
        return listen;
    }

    /// <summary>Tells the connection where each request ends: outside of all middleware, since any of it may answer.</summary>
    public static IServiceCollection AddRawTargets(this IServiceCollection services)
    {
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, Outermost>());
        return services;
    }

    private static RequestDelegate Follow(RequestDelegate next) => context =>
    {
        if (context.Features.Get<FilteredConnection>() is not { } connection
            || !(HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol)))
            return next(context);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false })
            return AnswerAsync(context, next, connection);
        connection.ExpectLine();
        return next(context);
    };

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next, FilteredConnection connection)
    {
        var isAtEnd = false;
        try
        {
            await next(context);
            await context.Response.CompleteAsync();
            isAtEnd = await ReadToEndAsync(context.Request.BodyReader);
        }
        finally
        {
            if (isAtEnd)
                connection.ExpectLine();
            else
                context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    /// <summary>Does what the server would do next: only where the body has been read to its end, the next request begins.</summary>
    private static async Task<bool> ReadToEndAsync(PipeReader body)
    {
        using var limit = new CancellationTokenSource(PatienceForBodies);
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(limit.Token);
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return true;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The server meets the same fault after this, and deals with it.
            return false;
        }
    }

    private sealed class Outermost : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app => next(app.Use(Follow));
    }

    // Kestrel adds TLS to an https URL after the endpoint defaults, so a middleware from there always stands outside of it.
    // The TLS layer hands on its decrypted pipe by setting Transport: wrapping whatever is set puts the filter inside.
    // The one outside sees a TLS record, which is no request line, and stays out of the way.
    private sealed class FilteredConnection : ConnectionContext
    {
        private readonly ConnectionContext _connection;
        private FilteredPipe _transport;

        public FilteredConnection(ConnectionContext connection)
        {
            _connection = connection;
            _transport = new(connection.Transport);
            connection.Features.Set(this);
        }

        public override IDuplexPipe Transport
        {
            get => _transport;
            set => _transport = value as FilteredPipe ?? new FilteredPipe(value);
        }

        public override string ConnectionId { get => _connection.ConnectionId; set => _connection.ConnectionId = value; }

        public override IFeatureCollection Features => _connection.Features;

        public override IDictionary<object, object?> Items { get => _connection.Items; set => _connection.Items = value; }

        public override CancellationToken ConnectionClosed
        {
            get => _connection.ConnectionClosed;
            set => _connection.ConnectionClosed = value;
        }

        public override EndPoint? LocalEndPoint { get => _connection.LocalEndPoint; set => _connection.LocalEndPoint = value; }

        public override EndPoint? RemoteEndPoint { get => _connection.RemoteEndPoint; set => _connection.RemoteEndPoint = value; }

        /// <summary>Says that the request under way has been read to its end.</summary>
        public void ExpectLine() => _transport.Reader.ExpectLine();

        public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort(abortReason);

        public override async ValueTask DisposeAsync()
        {
            await _connection.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    private sealed class FilteredPipe(IDuplexPipe pipe) : IDuplexPipe
    {
        public RawTargetReader Reader { get; } = new(pipe.Input);

        public PipeReader Input => Reader;

        public PipeWriter Output => pipe.Output;
    }
}
