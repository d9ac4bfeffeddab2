using System.Net;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using PayRecharge.Application.Settings;
using Pair = (System.ReadOnlyMemory<byte> Name, System.ReadOnlyMemory<byte> Value);

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// Reads a request the way PHP fills $_GET and $_POST and Discuz merges the two. The server's own parsers decode percent-encoded GBK as
/// UTF-8 without an error, so they are used only for the framing here.
/// </summary>
internal static class RequestReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The size limit of a form, in bytes. The ten parameters of a call need far less.</summary>
    internal const int MaxForm = 64 * 1024;

    /// <summary>The size limit of a multipart body: twice the form limit, for the boundaries and headers of its parts.</summary>
    internal const int MaxMultipart = 2 * MaxForm;

    private const int MaxPairs = 1000; // PHP's max_input_vars, which PHP applies separately to query and form
    private const int MaxBoundary = 128;

    /// <exception cref="BadHttpRequestException">The body is too large, incomplete or took longer than 10 seconds.</exception>
    public static async ValueTask<LegacyParameters> ReadAsync(
        HttpRequest request, ClientCharset charset, CancellationToken cancellationToken)
    {
        var pairs = new List<Pair>();
        if (request.QueryString.HasValue)
            AddEncoded(pairs, Encoding.UTF8.GetBytes(request.QueryString.Value).AsMemory(1));
        if (HttpMethods.IsPost(request.Method))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                await AddFormAsync(pairs, request, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new BadHttpRequestException("The body took too long.", StatusCodes.Status408RequestTimeout);
            }
        }

        return new(pairs, LegacyCharset.Choose(charset, pairs));
    }

    private static async Task AddFormAsync(
        List<Pair> pairs, HttpRequest request, CancellationToken cancellationToken)
    {
        var contentType = request.ContentType ?? "";
        var mediaType = contentType.Split(';', ',', ' ')[0];
        if (mediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
            AddEncoded(pairs, await ReadBodyAsync(request, MaxForm, cancellationToken));
        else if (mediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            && MediaTypeHeaderValue.TryParse(contentType, out var parsed)
            && HeaderUtilities.RemoveQuotes(parsed.Boundary) is { Length: > 0 and <= MaxBoundary } boundary)
        {
            using var body = new MemoryStream(await ReadBodyAsync(request, MaxMultipart, cancellationToken));
            await AddPartsAsync(pairs, new MultipartReader(boundary.Value!, body), cancellationToken);
        }
    }

    // Consume each segment as it arrives: bytes only examined keep the connection's reader busy if the body then breaks off. Memory grows
    // with the bytes received, whatever length was announced.
    private static async Task<byte[]> ReadBodyAsync(HttpRequest request, int most, CancellationToken cancellationToken)
    {
        if (request.ContentLength > most)
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        using var body = new MemoryStream();
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            foreach (var piece in read.Buffer)
                body.Write(piece.Span);
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (body.Length > most)
                throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
            if (read.IsCompleted)
                return body.ToArray();
        }
    }

    /// <summary>Splits URL-encoded pairs and decodes them to bytes.</summary>
    internal static void AddEncoded(List<Pair> pairs, ReadOnlyMemory<byte> text)
    {
        for (var count = 0; count < MaxPairs && !text.IsEmpty;)
        {
            var end = text.Span.IndexOf((byte)'&');
            var pair = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (pair.IsEmpty)
                continue;
            count++;
            var equals = pair.Span.IndexOf((byte)'=');
            pairs.Add(equals < 0 ? (Decode(pair), default) : (Decode(pair[..equals]), Decode(pair[(equals + 1)..])));
        }
    }

    private static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> encoded)
    {
        if (!encoded.Span.ContainsAny((byte)'%', (byte)'+'))
            return encoded;
        var bytes = encoded.ToArray();
        return WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length);
    }

    private static async Task AddPartsAsync(
        List<Pair> pairs, MultipartReader parts, CancellationToken cancellationToken)
    {
        try
        {
            for (var count = 0; count < MaxPairs && await parts.ReadNextSectionAsync(cancellationToken) is { } part; count++)
            {
                if (part.GetContentDispositionHeader() is not { } header || !header.IsFormDisposition())
                    continue;
                using var value = new MemoryStream();
                await part.Body.CopyToAsync(value, cancellationToken);
                pairs.Add((Encoding.ASCII.GetBytes(HeaderUtilities.RemoveQuotes(header.Name).ToString()), value.ToArray()));
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            // As in PHP, the parts before the broken one are used.
        }
    }
}
