namespace Saga.Api.Hosting;

/// <summary>One page of a list.</summary>
/// <param name="Items">The page's items.</param>
/// <param name="Number">Page number from 1, <c>page</c> in JSON.</param>
/// <param name="PageSize">Items on a full page.</param>
/// <param name="Total">Items on all pages.</param>
internal sealed record Page<T>(
    IReadOnlyList<T> Items,
    [property: System.Text.Json.Serialization.JsonPropertyName("page")] int Number,
    int PageSize,
    int Total);

/// <summary>Which page is asked for.</summary>
internal readonly record struct PageRequest(int Number, int Size)
{
    private const int DefaultSize = 50;
    private const int MaxSize = 200;

    /// <exception cref="RefusedException">A number is out of range.</exception>
    public static PageRequest From(int? page, int? pageSize)
    {
        if (page is < 1)
        {
            throw RefusedException.BadRequest($"page is {page}; pages count from 1.");
        }

        return pageSize is < 1 or > MaxSize
            ? throw RefusedException.BadRequest($"pageSize is {pageSize}; it is 1 to {MaxSize}.")
            : new PageRequest(page ?? 1, pageSize ?? DefaultSize);
    }

    /// <summary>Items before the page; a page past every list when the product overflows.</summary>
    public int Skip => (int)Math.Min((long)(Number - 1) * Size, int.MaxValue);
}
